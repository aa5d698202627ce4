"""Inference: models run over slides, by the node when a slide arrives and by people who ask for it.

Terms: a *run* is one version of a model on one scan of one image; asked for again it is another run, and
replaces nothing. A *pass* is the job in which the runs of one image that were asked for together are done:
each stored tile is read and decoded once for all of them. A *chunk* is some hundred patches; its output is
kept before the next begins, so a run goes on where it was when its process dies. To *abstain* is to say
nothing: never a low score.

Who runs on what is decided by `models` (`fits`). Patches are planned in `hemalum.analysis.patches`, networks
run in child processes (`running.py`), and what came out is drawn by `layers`. Start with `service.py`.
"""
