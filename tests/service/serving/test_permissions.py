"""Every endpoint, tried as nobody, as an outsider, without its permission, and with it."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from hemalum.app.node import open_parts
from hemalum.capabilities.custody.codes import code_of
from hemalum.kernel.identifiers import Identifier
from hemalum.runtime.settings import load_settings

NOBODY_NEEDED = "nobody"
_UNKNOWN_SLIDE = str(Identifier("XX99", "S", 26, 1, "A", 1, 1))

_IMAGE = "/api/slides/images/{image_id}"
_LAYERS = "/api/layers/images/{image_id}"
_REGISTRATION = "/api/registration/images/{image_id}"
_READING = "/api/reading/images/{image_id}"
_DRAWN = "/api/annotations/images/{image_id}"
_CASE = "/api/cases/cases/{case_id}"
_MATERIAL = "/api/cases/material/{material_id}"
_LINKED = "/api/cases/images/{image_id}"
_PATIENT = "/api/cases/patients/{patient_id}"
_WORK = "/api/orders/cases/{case_id}/work"
_POINT = "/api/custody/points/{point_id}"
_CONTAINER = "/api/custody/containers/{container_code}"
_PHOTOGRAPH = "/api/grossing/photographs/{photograph_id}"
_MESSAGE = "/api/interfaces/messages/{number}"
_CONFORMITY = "/api/conformity"
_INFERENCE = "/api/inference"
_MODEL = "/api/models/versions/{version_id}"
_REREAD = "/api/quality/rereads/{reread_id}"
_REPORT = "/api/reports/cases/{case_id}"
_CRITICAL = "/api/reports/critical/{critical_id}"
_STUDY = "/dicomweb/studies/{study}"
_SERIES = f"{_STUDY}/series/{{series}}"
_INSTANCE = f"{_SERIES}/instances/{{instance}}"

NEEDED = {
    "GET /api/slides/images": "slides.view",
    "GET /api/slides/revision": "slides.view",
    "GET /api/slides/purposes": "slides.view",
    "GET /api/slides/glass": "audit.review",
    "POST /api/slides/glass/{glass_id}/review": "audit.review",
    "GET /api/slides/integrity": "access.administer",
    "POST /api/slides/integrity": "access.administer",
    f"GET {_IMAGE}": "slides.view",
    f"PATCH {_IMAGE}/metadata": "slides.describe",
    f"POST {_IMAGE}/retry": "slides.ingest",
    f"POST {_IMAGE}/cancel": "slides.ingest",
    f"POST {_IMAGE}/openings": "slides.view",
    f"GET {_IMAGE}/terms": "slides.govern",
    f"PUT {_IMAGE}/terms": "slides.govern",
    "GET /api/slides/partners": "slides.share",
    f"GET {_IMAGE}/shares": "slides.share",
    f"POST {_IMAGE}/shares": "slides.share",
    f"DELETE {_IMAGE}/shares/{{organisation_id}}": "slides.share",
    f"POST {_IMAGE}/glass": "slides.break_glass",
    f"GET {_IMAGE}/thumbnail": "slides.view",
    f"GET {_IMAGE}/label": "slides.view_label",
    f"GET {_IMAGE}/macro": "slides.view_label",
    f"GET {_IMAGE}/clinical": "slides.view_clinical",
    f"GET {_IMAGE}/region": "slides.view",
    f"GET {_IMAGE}/channels/{{channel}}/histogram": "slides.view",
    f"GET {_IMAGE}/original": "slides.export",
    f"GET {_READING}/coverage": "slides.view",
    f"POST {_READING}/coverage": "slides.view",
    f"GET {_READING}/coverage/export": "slides.view",
    f"GET {_READING}/reveals": "slides.view",
    f"POST {_READING}/reveals": "slides.view",
    f"GET {_READING}/readers": "audit.read",
    f"GET {_READING}/readers/{{person_id}}/export": "audit.read",
    "GET /api/reading/progress": "slides.view",
    f"GET {_DRAWN}": "annotations.view",
    f"POST {_DRAWN}/commands": "annotations.draw",
    f"POST {_DRAWN}/undo": "annotations.draw",
    f"POST {_DRAWN}/redo": "annotations.draw",
    f"GET {_DRAWN}/history": "annotations.view",
    f"POST {_DRAWN}/import": "annotations.draw",
    f"GET {_DRAWN}/export": "annotations.export",
    "GET /api/annotations/classes": "annotations.view",
    "PUT /api/annotations/classes": "annotations.define_classes",
    "OPTIONS /api/slides/uploads": NOBODY_NEEDED,
    "OPTIONS /api/slides/uploads/{upload_id}": NOBODY_NEEDED,
    "POST /api/slides/uploads": "slides.ingest",
    "HEAD /api/slides/uploads/{upload_id}": "slides.ingest",
    "GET /api/slides/uploads/{upload_id}": "slides.ingest",
    "PATCH /api/slides/uploads/{upload_id}": "slides.ingest",
    "DELETE /api/slides/uploads/{upload_id}": "slides.ingest",
    "GET /iiif/3/{image_id}": "slides.view",
    "GET /iiif/3/{image_id}/info.json": "slides.view",
    "GET /iiif/3/{image_id}/{region}/{size}/{rotation}/{quality}.{form}": "slides.view",
    "GET /deepzoom/{image_id}.dzi": "slides.view",
    "GET /deepzoom/{image_id}_files/{level}/{column}_{row}.{form}": "slides.view",
    "GET /dicomweb/studies": "slides.view",
    "GET /dicomweb/series": "slides.view",
    "GET /dicomweb/instances": "slides.view",
    "POST /dicomweb/studies": "slides.ingest",
    f"POST {_STUDY}": "slides.ingest",
    f"GET {_STUDY}": "slides.export",
    f"GET {_STUDY}/series": "slides.view",
    f"GET {_STUDY}/instances": "slides.view",
    f"GET {_STUDY}/metadata": "slides.view",
    f"GET {_STUDY}/thumbnail": "slides.view",
    f"GET {_SERIES}": "slides.export",
    f"GET {_SERIES}/instances": "slides.view",
    f"GET {_SERIES}/metadata": "slides.view",
    f"GET {_SERIES}/thumbnail": "slides.view",
    f"GET {_INSTANCE}": "slides.export",
    f"GET {_INSTANCE}/metadata": "slides.view",
    f"GET {_INSTANCE}/thumbnail": "slides.view",
    f"GET {_INSTANCE}/rendered": "slides.view",
    f"GET {_INSTANCE}/frames/{{frames}}": "slides.view",
    f"GET {_INSTANCE}/frames/{{frame}}/rendered": "slides.view",
    f"GET {_INSTANCE}/bulkdata/{{path}}": "slides.view",
    f"GET {_LAYERS}": "slides.view",
    f"GET {_LAYERS}/{{layer_id}}": "slides.view",
    f"GET {_LAYERS}/{{layer_id}}/pick": "slides.view",
    f"GET {_LAYERS}/{{layer_id}}/export": "slides.export",
    "GET /api/cases/queues": "cases.view",
    "POST /api/cases/search": "cases.view",
    "GET /api/cases/readers": "cases.view",
    "POST /api/cases/cases": "cases.accession",
    f"GET {_CASE}": "cases.view",
    f"GET {_CASE}/request": "cases.view_patient",
    f"GET {_CASE}/events": "cases.view",
    f"PATCH {_CASE}": "cases.assign",
    f"POST {_CASE}/assignment": "cases.view",
    f"POST {_CASE}/status": "cases.view",
    f"POST {_CASE}/labels": "cases.process",
    f"POST {_CASE}/material": "cases.process",
    f"POST {_MATERIAL}/stage": "cases.process",
    f"GET {_MATERIAL}/code": "cases.view",
    f"GET {_LINKED}": "cases.view",
    f"PUT {_LINKED}": "cases.process",
    f"POST {_LINKED}/unlink": "cases.process",
    f"GET {_LINKED}/comparison": "cases.view_patient",
    f"POST {_LINKED}/take-over": "cases.take_over_patient",
    "POST /api/cases/patients/search": "cases.view_patient",
    f"GET {_PATIENT}": "cases.view_patient",
    f"PUT {_PATIENT}": "cases.accession",
    f"POST {_PATIENT}/merge": "cases.merge_patients",
    f"POST {_PATIENT}/unmerge": "cases.merge_patients",
    "GET /api/cases/turnaround": "cases.view_turnaround",
    "GET /api/cases/turnaround.csv": "cases.view_turnaround",
    "GET /api/orders/panels": "cases.view",
    "GET /api/orders/counts": "cases.view",
    "GET /api/orders/work": "cases.view",
    f"GET {_WORK}": "cases.view",
    f"POST {_WORK}": "orders.request",
    "POST /api/orders/work-orders/{order_id}/state": "cases.view",
    "GET /api/orders/cases/{case_id}/placed": "cases.view",
    "POST /api/orders/placed/{order_id}/state": "cases.accession",
    "GET /api/grossing/cases/{case_id}/photographs": "cases.view",
    "POST /api/grossing/material/{material_id}/photographs": "cases.process",
    f"GET {_PHOTOGRAPH}": "cases.view",
    f"PUT {_PHOTOGRAPH}/scale": "cases.process",
    f"POST {_PHOTOGRAPH}/withdrawal": "cases.process",
    "GET /api/custody/points": "custody.view",
    "GET /api/custody/points/all": "custody.manage",
    "POST /api/custody/points": "custody.manage",
    f"PATCH {_POINT}": "custody.manage",
    f"GET {_POINT}/scans": "custody.view",
    f"GET {_POINT}/waiting": "custody.view",
    "POST /api/custody/scans": "custody.scan",
    "POST /api/custody/events/{number}/correction": "custody.scan",
    "POST /api/custody/where": "custody.view",
    "GET /api/custody/gaps": "custody.view",
    "GET /api/custody/chain": "custody.view",
    "GET /api/custody/containers": "custody.view",
    "POST /api/custody/containers": "custody.scan",
    f"GET {_CONTAINER}": "custody.view",
    f"GET {_CONTAINER}/code": "custody.view",
    f"POST {_CONTAINER}/contents": "custody.scan",
    f"POST {_CONTAINER}/removals": "custody.scan",
    "GET /api/custody/loans": "custody.view",
    "POST /api/custody/loans": "custody.scan",
    "POST /api/custody/loans/return": "custody.scan",
    "GET /api/custody/discards": "custody.view",
    "POST /api/custody/discards": "custody.discard",
    "POST /api/custody/discards/{discard_id}/confirmation": "custody.discard",
    "POST /api/custody/discards/{discard_id}/withdrawal": "custody.discard",
    "GET /api/interfaces/messages": "interfaces.view",
    "GET /api/interfaces/connections": "interfaces.view",
    f"GET {_MESSAGE}": "interfaces.view",
    f"POST {_MESSAGE}/replay": "interfaces.manage",
    f"POST {_MESSAGE}/correction": "interfaces.manage",
    f"POST {_MESSAGE}/discard": "interfaces.manage",
    f"GET {_CONFORMITY}/report": "conformity.view",
    f"GET {_CONFORMITY}/report.csv": "conformity.view",
    f"GET {_CONFORMITY}/terms": "conformity.view",
    f"GET {_CONFORMITY}/words": "conformity.view",
    f"GET {_CONFORMITY}/words.csv": "conformity.view",
    f"GET {_CONFORMITY}/words/unknown": "conformity.view",
    f"GET {_CONFORMITY}/slides": "conformity.view",
    f"POST {_CONFORMITY}/words": "conformity.manage",
    f"POST {_CONFORMITY}/words.csv": "conformity.manage",
    f"POST {_CONFORMITY}/words/preview": "conformity.manage",
    f"POST {_CONFORMITY}/words/end": "conformity.manage",
    f"GET {_CONFORMITY}/images/{{image_id}}": "slides.view",
    f"GET {_CONFORMITY}/images/{{image_id}}/record": "slides.view",
    f"GET {_INFERENCE}/images/{{image_id}}/runs": "slides.view",
    f"GET {_INFERENCE}/images/{{image_id}}/models": "inference.run",
    f"POST {_INFERENCE}/images/{{image_id}}/runs": "inference.run",
    f"GET {_INFERENCE}/runs": "inference.run",
    f"POST {_INFERENCE}/runs/{{run_id}}/cancel": "inference.run",
    f"POST {_INFERENCE}/runs/{{run_id}}/retry": "inference.run",
    f"GET {_INFERENCE}/runs/{{run_id}}/patches": "slides.export",
    f"GET {_INFERENCE}/compare": "inference.view_shadow",
    "GET /api/models/versions": "models.view",
    f"GET {_MODEL}": "models.view",
    f"POST {_MODEL}/status": "models.manage",
    f"POST {_MODEL}/licence": "models.manage",
    f"POST {_MODEL}/validations": "models.manage",
    f"GET {_MODEL}/fit/{{image_id}}": "models.view",
    f"GET {_MODEL}/facts.pdf": "models.view",
    f"GET {_MODEL}/monai.json": "models.view",
    f"GET {_MODEL}/chai.xml": "models.view",
    "GET /api/models/publishers": "models.view",
    "POST /api/models/publishers": "models.release",
    "POST /api/models/publishers/end": "models.release",
    "GET /api/reports/templates": "cases.view",
    "GET /api/reports/templates/{template_id}": "cases.view",
    f"GET {_REPORT}": "cases.view_patient",
    f"POST {_REPORT}/check": "cases.report",
    f"POST {_REPORT}/versions": "cases.report",
    f"GET {_REPORT}/versions/{{number}}": "cases.view_patient",
    f"GET {_REPORT}/versions/{{number}}.pdf": "cases.view_patient",
    f"GET {_REPORT}/difference": "cases.view_patient",
    f"POST {_REPORT}/preliminary": "cases.report",
    f"POST {_REPORT}/sign": "cases.sign_out",
    f"POST {_REPORT}/amend": "cases.sign_out",
    f"POST {_REPORT}/cosign": "cases.sign_out",
    f"POST {_REPORT}/findings": "cases.report",
    f"GET {_REPORT}/findings": "cases.report",
    f"POST {_REPORT}/findings/{{submission_id}}/cancel": "cases.report",
    f"GET {_REPORT}/critical": "cases.view_patient",
    f"POST {_REPORT}/critical": "cases.report",
    "GET /api/reports/critical": "cases.view_patient",
    f"POST {_CRITICAL}/calls": "cases.report",
    f"POST {_CRITICAL}/acknowledgement": "cases.report",
    f"GET {_REGISTRATION}": "slides.view",
    f"GET {_REGISTRATION}/to/{{other_id}}": "slides.view",
    f"PUT {_REGISTRATION}/to/{{other_id}}": "registration.align",
    f"DELETE {_REGISTRATION}/to/{{other_id}}": "registration.align",
    f"GET {_REGISTRATION}/to/{{other_id}}/displacements": "slides.view",
    "GET /api/quality/plans": "quality.view",
    "POST /api/quality/plans": "quality.manage",
    "POST /api/quality/plans/{plan_id}/end": "quality.manage",
    "GET /api/quality/plans/{plan_id}/days/{day}": "quality.manage",
    "GET /api/quality/rereads": "quality.view",
    f"GET {_REREAD}": "quality.view",
    f"GET {_REREAD}/comparison": "quality.view",
    f"POST {_REREAD}/begin": "quality.reread",
    f"POST {_REREAD}/give-back": "quality.reread",
    f"POST {_REREAD}/check": "quality.reread",
    f"POST {_REREAD}/answer": "quality.reread",
    f"POST {_REREAD}/decision": "quality.arbitrate",
    f"POST {_REREAD}/give-up": "quality.manage",
    f"POST {_REREAD}/model-readings": "quality.hand_in",
    "GET /api/quality/rates": "quality.view",
    "GET /api/quality/rates.csv": "quality.view",
}
"""What each endpoint asks of who calls it. A new endpoint has to be added here, on purpose; those of access,
apps and audit are in the folders of access and audit."""

SEARCHES = {key for key in NEEDED if key.startswith("GET /dicomweb") and key.endswith(("s", "studies"))}
"""Outsiders find nothing, which is no error."""

REFUSED_FOR_OTHER_REASONS = {
    f"POST {_CASE}/labels": 404,  # there is no such piece
    f"POST {_DRAWN}/commands": 409,  # removes what is not there
    f"POST {_DRAWN}/undo": 409,
    f"POST {_DRAWN}/redo": 409,
    f"POST {_DRAWN}/import": 422,
    "PUT /api/annotations/classes": 422,
    f"PUT {_REGISTRATION}/to/{{other_id}}": 422,  # without landmarks
    f"GET {_IMAGE}/clinical": 404,  # its file names nobody
    f"POST {_IMAGE}/retry": 409,
    f"POST {_IMAGE}/cancel": 409,
    "POST /dicomweb/studies": 415,
    f"POST {_STUDY}": 415,
    "PATCH /api/slides/uploads/{upload_id}": 415,
    "HEAD /api/slides/uploads/{upload_id}": 404,
    "GET /api/slides/uploads/{upload_id}": 404,
    "DELETE /api/slides/uploads/{upload_id}": 404,
    "POST /api/slides/glass/{glass_id}/review": 404,
    f"DELETE {_IMAGE}/shares/{{organisation_id}}": 404,
    f"POST {_IMAGE}/glass": 409,
    f"GET {_READING}/readers/{{person_id}}/export": 404,
    f"POST {_CASE}/status": 409,  # nothing was drafted yet
    f"POST {_MATERIAL}/stage": 409,
    f"PUT {_LINKED}": 404,  # there is no such slide
    f"POST {_LINKED}/unlink": 404,
    f"GET {_LINKED}/comparison": 404,
    f"POST {_LINKED}/take-over": 404,
    f"POST {_PATIENT}/merge": 404,
    f"POST {_PATIENT}/unmerge": 409,
    "POST /api/orders/work-orders/{order_id}/state": 404,  # there is no such order
    "POST /api/orders/placed/{order_id}/state": 404,
    f"PATCH {_POINT}": 404,  # there is no such station, container, loan or discard
    f"GET {_POINT}/scans": 404,
    f"GET {_POINT}/waiting": 404,
    "POST /api/custody/scans": 404,
    "POST /api/custody/events/{number}/correction": 404,
    "POST /api/custody/where": 404,
    f"GET {_CONTAINER}": 404,
    f"GET {_CONTAINER}/code": 404,
    f"POST {_CONTAINER}/contents": 404,
    f"POST {_CONTAINER}/removals": 404,
    "POST /api/custody/loans": 404,
    "POST /api/custody/loans/return": 404,
    "POST /api/custody/discards": 404,
    "POST /api/custody/discards/{discard_id}/confirmation": 404,
    "POST /api/custody/discards/{discard_id}/withdrawal": 404,
    "POST /api/custody/points": 422,  # without a name
    "POST /api/custody/containers": 422,
    "POST /api/grossing/material/{material_id}/photographs": 422,  # no picture
    f"GET {_PHOTOGRAPH}": 404,
    f"PUT {_PHOTOGRAPH}/scale": 404,
    f"POST {_PHOTOGRAPH}/withdrawal": 404,
    f"GET {_MESSAGE}": 404,  # nothing came yet
    f"POST {_MESSAGE}/replay": 404,
    f"POST {_MESSAGE}/correction": 404,
    f"POST {_MESSAGE}/discard": 404,
    f"POST {_CONFORMITY}/words/end": 404,  # nobody mapped it
    f"POST {_CONFORMITY}/words.csv": 422,
    f"POST {_INFERENCE}/images/{{image_id}}/runs": 404,  # there is no model to run
    f"POST {_INFERENCE}/runs/{{run_id}}/cancel": 404,
    f"POST {_INFERENCE}/runs/{{run_id}}/retry": 404,
    f"GET {_INFERENCE}/runs/{{run_id}}/patches": 404,
    f"GET {_MODEL}": 404,  # nobody added one
    f"POST {_MODEL}/status": 404,
    f"POST {_MODEL}/licence": 404,
    f"POST {_MODEL}/validations": 404,
    f"GET {_MODEL}/fit/{{image_id}}": 404,
    f"GET {_MODEL}/facts.pdf": 404,
    f"GET {_MODEL}/monai.json": 404,
    f"GET {_MODEL}/chai.xml": 404,
    "POST /api/models/publishers": 403,  # an administrator does not release
    "POST /api/models/publishers/end": 403,
    f"GET {_REPORT}/versions/{{number}}": 404,  # there is none of this number
    f"GET {_REPORT}/versions/{{number}}.pdf": 404,
    f"GET {_REPORT}/difference": 404,
    f"POST {_REPORT}/sign": 403,  # nobody signs by a token
    f"POST {_REPORT}/amend": 409,
    f"POST {_REPORT}/cosign": 403,
    f"POST {_REPORT}/findings": 422,  # no template asks for it
    f"POST {_REPORT}/findings/{{submission_id}}/cancel": 404,
    f"POST {_CRITICAL}/calls": 404,
    f"POST {_CRITICAL}/acknowledgement": 404,
    "POST /api/quality/plans/{plan_id}/end": 404,  # there is no such plan, and nothing is read again
    "GET /api/quality/plans/{plan_id}/days/{day}": 404,
    f"GET {_REREAD}": 404,
    f"GET {_REREAD}/comparison": 404,
    f"POST {_REREAD}/begin": 404,
    f"POST {_REREAD}/give-back": 404,
    f"POST {_REREAD}/check": 404,
    f"POST {_REREAD}/answer": 404,
    f"POST {_REREAD}/decision": 404,
    f"POST {_REREAD}/give-up": 404,
    f"POST {_REREAD}/model-readings": 404,
}
"""What somebody who is allowed gets for the request that this test sends."""


BODIES = {
    f"POST {_DRAWN}/commands": {
        "id": "permission",
        "label": "remove",
        "changes": [{"op": "remove", "id": "not-there", "version": 1}],
    },
    f"POST {_DRAWN}/undo": {},
    f"POST {_DRAWN}/redo": {},
    "PUT /api/annotations/classes": [{"name": "", "colour": "", "shape": ""}],
    f"POST {_IMAGE}/shares": {"organisation_id": "third", "days": 1},
    f"PUT {_REGISTRATION}/to/{{other_id}}": {"kind": "rigid", "matrix": [1, 0, 0, 1, 0, 0]},
    f"POST {_IMAGE}/glass": {"reason": "the patient lies in theatre"},
    f"POST {_READING}/coverage": {"marks": []},
    f"POST {_READING}/reveals": {"subject": "layer/some", "name": "Nuclei · finder 1"},
    "POST /api/slides/glass/{glass_id}/review": {"verdict": "justified"},
    "POST /api/cases/search": {},
    "POST /api/cases/cases": {"parts": [{"organ": "Skin"}]},
    f"PATCH {_CASE}": {},
    f"POST {_CASE}/assignment": {"person_id": None},
    f"POST {_CASE}/status": {"status": "final", "reason": "report 1"},
    f"POST {_CASE}/labels": {"material_ids": ["none"]},
    f"POST {_CASE}/material": {"description": "another biopsy"},
    f"POST {_MATERIAL}/stage": {"stage": "received"},
    f"PUT {_LINKED}": {"identifier": _UNKNOWN_SLIDE},
    f"POST {_LINKED}/unlink": {"reason": "swapped"},
    f"POST {_LINKED}/take-over": {"fields": ["name"]},
    "POST /api/cases/patients/search": {"value": "P1"},
    f"PUT {_PATIENT}": {"patient": {"name": "Nobody At All"}, "reason": "typing error"},
    f"POST {_PATIENT}/merge": {"into": "nobody", "reason": "the same person"},
    f"POST {_PATIENT}/unmerge": {"reason": "not the same person"},
    f"POST {_WORK}": {"work": "molecular", "stains": ["EGFR"]},
    "POST /api/orders/work-orders/{order_id}/state": {"state": "done"},
    "POST /api/orders/placed/{order_id}/state": {"state": "on_hold", "reason": "asked by phone"},
    f"PUT {_PHOTOGRAPH}/scale": {},
    f"POST {_PHOTOGRAPH}/withdrawal": {"reason": "another case"},
    "POST /api/custody/points": {"name": " ", "step": "place"},
    f"PATCH {_POINT}": {"room": "Room 2"},
    "POST /api/custody/scans": {"point": "none", "code": _UNKNOWN_SLIDE},
    "POST /api/custody/events/{number}/correction": {},
    "POST /api/custody/where": {"code": _UNKNOWN_SLIDE},
    "POST /api/custody/containers": {"kind": "rack", "name": " "},
    f"POST {_CONTAINER}/contents": {"code": _UNKNOWN_SLIDE},
    f"POST {_CONTAINER}/removals": {"code": _UNKNOWN_SLIDE},
    "POST /api/custody/loans": {
        "code": _UNKNOWN_SLIDE,
        "to": "Dr Nobody",
        "purpose": "second opinion",
        "due_at": "2100-01-01T00:00:00Z",
    },
    "POST /api/custody/loans/return": {"code": _UNKNOWN_SLIDE},
    "POST /api/custody/discards": {"codes": [_UNKNOWN_SLIDE], "reason": "time is over"},
    f"POST {_MESSAGE}/correction": {"text": "MSH|^~\\&|"},
    f"POST {_MESSAGE}/discard": {"reason": "sent by mistake"},
    f"POST {_CONFORMITY}/words": {"kind": "site", "word": "ward 9", "term": "colon"},
    f"POST {_CONFORMITY}/words/preview": {"kind": "site", "word": "ward 9", "term": "colon"},
    f"POST {_CONFORMITY}/words/end": {"kind": "site", "word": "nothing of the kind"},
    f"POST {_CONFORMITY}/words.csv": {"content": "no mappings"},
    f"POST {_INFERENCE}/images/{{image_id}}/runs": {"version_ids": ["none"]},
    f"POST {_MODEL}/status": {"status": "shadow", "reason": "tried on our slides"},
    f"POST {_MODEL}/validations": {"cohort": "ours", "n": 1, "metrics": [{"name": "AUC", "value": 0.9}]},
    "POST /api/models/publishers": {"public_key": "0" * 64, "name": "Nobody"},
    "POST /api/models/publishers/end": {"public_key": "0" * 64},
    f"POST {_REPORT}/check": {"content": {}},
    f"POST {_REPORT}/versions": {"content": {"sections": {"comment": "nothing yet"}}},
    f"POST {_REPORT}/preliminary": {"version": 1000, "sha256": "0" * 64},
    f"POST {_REPORT}/sign": {"version": 1000, "sha256": "0" * 64, "password": "none"},
    f"POST {_REPORT}/amend": {"kind": "amended", "reason": "something was overlooked"},
    f"POST {_REPORT}/cosign": {"version": 1000, "sha256": "0" * 64, "password": "none"},
    f"POST {_REPORT}/findings": {
        "id": "run-1",
        "template": "skin",
        "findings": [
            {"id": "f", "name": "nothing", "kind": "count", "number": 1, "model": {"name": "finder"}}
        ],
    },
    f"POST {_REPORT}/critical": {"statement": "malignant"},
    f"POST {_CRITICAL}/calls": {"to": "Dr Nobody", "was_reached": True},
    f"POST {_CRITICAL}/acknowledgement": {"by": "Dr Nobody", "read_back": "malignant"},
    "POST /api/quality/plans": {"name": "Skin", "share": 0.01, "strata": {"templates": ["skin"]}},
    f"POST {_REREAD}/check": {},
    f"POST {_REREAD}/answer": {},
    f"POST {_REREAD}/decision": {
        "standing": "second",
        "gravity": "major",
        "defect": "misinterpretation",
        "words": "overlooked",
    },
    f"POST {_REREAD}/give-up": {"reason": "glass is lost"},
    f"POST {_REREAD}/model-readings": {"name": "grader", "version": "1"},
}


@pytest.fixture(scope="module")
def places(node: Any) -> dict[str, str]:
    """Values for the parameters of paths, of one slide."""
    image = node.images["ycbcr"]
    detail = node.detail("ycbcr")
    study, series = detail["study_uid"], detail["series_uid"]
    found = node.get(f"/dicomweb/studies/{study}/series/{series}/instances").json()
    return {
        "image_id": image,
        "layer_id": node.layer,
        **node.case,
        "other_id": node.images["rgb"],
        "study": study,
        "series": series,
        "instance": found[0]["00080018"]["Value"][0],
        "channel": "0",
        "frames": "1",
        "frame": "1",
        "path": "00480105/0/00282000",
        "upload_id": "none",
        "organisation_id": "nowhere",
        "glass_id": "none",
        "person_id": "none",
        "template_id": "skin",
        "version_id": "none",
        "run_id": "none",
        "number": "1000",
        "critical_id": "none",
        "order_id": "none",
        "submission_id": "none",
        "photograph_id": "none",
        "point_id": "none",
        "container_code": code_of(999_999),
        "discard_id": "none",
        "plan_id": "none",
        "day": "2026-01-01",
        "reread_id": "none",
        "region": "full",
        "size": "64,",
        "rotation": "0",
        "quality": "default",
        "form": "jpg",
        "level": "8",
        "column": "0",
        "row": "0",
    }


@pytest.fixture(scope="module")
def viewing(node: Any) -> str:
    """A token of the administrator with the scope slides.view."""
    with open_parts(load_settings(node.data, {})) as parts:
        code = parts.access.issue_link("admin")
    with httpx.Client(base_url=node.base, headers={"x-hemalum": "1"}) as browser:
        assert browser.post("/api/access/sign-in/link", json={"code": code}).status_code == 200
        asked = {"name": "viewer", "scopes": ["slides.view"], "days": 1}
        secret: str = browser.post("/api/access/account/tokens", json=asked).json()["secret"]
    return secret


def ask(node: Any, key: str, places: dict[str, str], who: str | None) -> int:
    method, _, path = key.partition(" ")
    params = {}
    if path.endswith("/conformity/slides"):
        params = {"level": "refused"}
    elif path.endswith("/inference/compare"):
        params = {"model_id": "none", "first": "1.0.0", "second": "1.0.1"}
    if path.endswith("/pick"):
        params = {"x_px": 10, "y_px": 10}
    if path.endswith("/region"):
        params = {"x_um": 0, "y_um": 0, "width_um": 20, "height_um": 20, "spacing_um": 1}
    if path.endswith("/difference"):
        params = {"before": 1000, "after": 1001}
    if path.endswith("/progress"):
        params = {"image": places["image_id"]}
    if "/turnaround" in path or "/rates" in path:
        params = {"begin": "2026-11-01T00:00:00Z", "end": "2026-12-01T00:00:00Z"}
    headers = {"tus-resumable": "1.0.0", "upload-length": "10", "upload-offset": "0"}
    body = BODIES.get(key, {} if method in ("POST", "PATCH", "PUT") and path.startswith(_IMAGE) else None)
    with node.client(who) as client:
        status: int = client.request(
            method, path.format(**places), params=params, headers=headers, json=body
        ).status_code
    return status


def test_every_endpoint_says_what_it_needs(node: Any) -> None:
    document = node.get("/api/openapi.json").json()
    listed = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    elsewhere = ("/api/access/", "/api/audit/", "/api/apps")
    assert {each for each in listed if not any(part in each for part in elsewhere)} == set(NEEDED)
    names = [each["operationId"] for methods in document["paths"].values() for each in methods.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("key", NEEDED)
def test_nobody_gets_in(node: Any, places: dict[str, str], key: str) -> None:
    expected = 204 if NEEDED[key] == NOBODY_NEEDED else 401
    assert ask(node, key, places, None) == expected


OF_ROLES = ("upload", "/glass", "/readers", "/templates", "/plans", "/give-up")
"""Outsiders lack the role, or it is nobody's in particular."""


@pytest.mark.parametrize(
    "key",
    [key for key in NEEDED if "{" in key and not any(part in key for part in OF_ROLES)],
)
def test_an_outsider_cannot_tell_that_it_exists(node: Any, places: dict[str, str], key: str) -> None:
    status = ask(node, key, places, "outsider")
    if key in SEARCHES:
        assert status == 200
    elif key == f"POST {_STUDY}":
        assert status == 415  # storing into one's own organisation, whatever the study
    else:
        assert status == 404
        unknown = ("image_id", "case_id", "material_id", "patient_id")
        nothing = {name: "nothing" if name in unknown else value for name, value in places.items()}
        nothing |= {"study": "1.2.3"}
        assert ask(node, key, nothing, "administrator") == 404


def test_an_outsider_finds_nothing(node: Any) -> None:
    assert node.get("/api/slides/images", "outsider").json()["total"] == 0
    for target in ("studies", "series", "instances"):
        assert node.get(f"/dicomweb/{target}", "outsider").json() == []


OF_STAFF = (
    "slides.",
    "cases.",
    "custody.",
    "orders.",
    "interfaces.",
    "conformity.",
    "inference.",
    "models.",
    "quality.",
)


@pytest.mark.parametrize("key", [key for key, needed in NEEDED.items() if needed.startswith(OF_STAFF)])
def test_without_its_permission_it_is_refused(node: Any, places: dict[str, str], key: str) -> None:
    """A student may view and do nothing else."""
    status = ask(node, key, places, "student")
    if NEEDED[key] == "slides.view":
        assert status < 400
    else:
        assert status == 403


@pytest.mark.parametrize("key", NEEDED)
def test_who_may_gets_an_answer(node: Any, places: dict[str, str], key: str) -> None:
    who = "reviewer" if NEEDED[key].startswith(("audit.", "quality.manage")) else "administrator"
    status = ask(node, key, places, who)
    if key == f"POST {_REPORT}/preliminary":
        # There is no version yet, or another one than this was saved meanwhile: tests come in any order.
        assert status in (404, 409)
    elif key in REFUSED_FOR_OTHER_REASONS:
        assert status == REFUSED_FOR_OTHER_REASONS[key]
    else:
        assert status < 400


@pytest.mark.parametrize("key", [key for key, needed in NEEDED.items() if needed != NOBODY_NEEDED])
def test_a_token_reaches_no_further_than_its_scopes(
    node: Any, places: dict[str, str], viewing: str, key: str
) -> None:
    """Of somebody who may do nearly everything, by a token that is for viewing."""
    narrowed = replace(node, tokens={"narrowed": viewing})
    status = ask(narrowed, key, places, "narrowed")
    if NEEDED[key] == "slides.view":
        assert status < 400
    else:
        assert status == 403


def test_a_cookie_alone_changes_nothing(node: Any) -> None:
    """A form on a foreign page sends the cookie, but cannot send the header."""
    with node.client(None) as client:
        client.cookies.set("hemalum_session", "whatever")
        refused = client.post(f"/api/slides/images/{node.images['ycbcr']}/openings", json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted")


def test_errors_are_problems_and_pages_are_guarded(node: Any) -> None:
    for path in ("/api/nothing", "/dicomweb/nothing", "/iiif/nothing/at/all", "/tiles/x", "/enter/nothing"):
        answer = node.get(path)
        assert answer.headers["content-type"] == "application/problem+json", path
        assert answer.json()["status"] == answer.status_code in (401, 404)
        assert answer.json()["detail"].endswith(".")
    health = node.get("/api/health", None)
    assert health.json()["status"] == "ok"
    assert health.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in health.headers["content-security-policy"]
    with node.client() as client:
        assert client.put("/api/slides/images").status_code == 405


def test_head_is_answered_wherever_get_is(node: Any, places: dict[str, str]) -> None:
    paths = [key.removeprefix("GET ").format(**places) for key in NEEDED if key.startswith("GET ")]
    with node.client() as client:
        for path in paths:
            if path.endswith(("/region", "/pick")) or "uploads" in path:
                continue
            head = client.head(path, headers={"accept": "*/*"})
            assert (head.status_code, head.content) == (client.get(path).status_code, b""), path


def test_a_large_body_is_refused(node: Any) -> None:
    with node.client() as client:
        path = f"/api/slides/images/{node.images['ycbcr']}/metadata"
        whole = client.patch(path, content=b" " * (2 << 20), headers={"content-type": "application/json"})
        assert (whole.status_code, whole.json()["code"]) == (413, "too-large")
        pieces = client.patch(
            path, content=iter([b" " * 1024] * 2048), headers={"content-type": "application/json"}
        )
        assert (pieces.status_code, pieces.json()["code"]) == (413, "too-large")
