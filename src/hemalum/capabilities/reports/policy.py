"""What reports ask of the policies: a report is of a case, so the rules of cases decide (`cases.cedar`)."""

VIEW_CASE = "cases.view"
READ = "cases.view_patient"
"""Whoever may not know whose the tissue is may not read what was found in it."""
WRITE = "cases.report"
SIGN = "cases.sign_out"
