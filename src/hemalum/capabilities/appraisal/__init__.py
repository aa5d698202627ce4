"""What is told of every new scan before anybody looks at it: tissue, ink, folds, edges of glass, and blur.

An *appraisal* is of one scan by one version of the method. It states figures and never holds a slide back;
where there is nothing to be told, or the pixels could not be read, it says why.

Start with `service.Appraising`; `looking` is what a child process does.
"""
