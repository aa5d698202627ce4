"""One's own account: password, factors, sessions, tokens, where to act."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response

from hemalum.capabilities.access.routes import answers
from hemalum.capabilities.access.routes.parts import Door, Here, Me, set_session
from hemalum.capabilities.access.routes.sign_in import me_of
from hemalum.capabilities.access.totp import qr_code

router = APIRouter()


@router.put("/me/organisation")
def act_in(asked: answers.ActIn, request: Request, response: Response, actor: Me, access: Door) -> answers.Me:
    """Act in another organisation; what was opened in the first one is closed."""
    moved = access.account.act_in(actor, asked.organisation_id)
    set_session(request, response, access, moved.secret)
    return me_of(moved.actor, access)


@router.get("/me/settings")
def show_settings(actor: Me, access: Door) -> answers.Settings:
    """How I want my screens; what I never said is as the app has it."""
    return answers.Settings.model_validate(access.account.settings(actor))


@router.put("/me/settings")
def keep_settings(wanted: answers.Settings, actor: Me, access: Door) -> answers.Settings:
    """Keep how I want my screens, in the place of what was kept."""
    access.account.keep_settings(actor, wanted.model_dump(exclude_defaults=True))
    return wanted


@router.get("/account")
def show_account(actor: Me, access: Door) -> answers.AccountAnswer:
    """My account, and what I can sign in with."""
    return answers.account_of(*access.account.show(actor))


@router.put("/account/password", status_code=204)
def set_password(asked: answers.PasswordChanged, actor: Me, access: Door) -> Response:
    """Set or change my password; my other sessions end."""
    access.account.set_password(actor, asked.current, asked.password)
    return Response(status_code=204)


@router.post("/account/totp")
def begin_totp(actor: Me, access: Door, response: Response) -> answers.TotpBegun:
    """Begin to set up an authenticator app."""
    response.headers["cache-control"] = "no-store"
    secret, address = access.account.begin_totp(actor)
    return answers.TotpBegun(secret=secret, qr_code=qr_code(address))


@router.put("/account/totp")
def confirm_totp(
    shown: answers.TotpCode, actor: Me, access: Door, response: Response
) -> answers.RecoveryCodes:
    """Take the authenticator app into use by a first code; recovery codes come back, once."""
    response.headers["cache-control"] = "no-store"
    return answers.RecoveryCodes(recovery_codes=access.account.confirm_totp(actor, shown.code))


@router.delete("/account/totp", status_code=204)
def remove_totp(actor: Me, access: Door) -> Response:
    """Do without the authenticator app."""
    access.account.remove_totp(actor)
    return Response(status_code=204)


@router.post("/account/recovery-codes")
def new_recovery_codes(actor: Me, access: Door, response: Response) -> answers.RecoveryCodes:
    """Fresh recovery codes; the old ones are void."""
    response.headers["cache-control"] = "no-store"
    return answers.RecoveryCodes(recovery_codes=access.account.new_recovery_codes(actor))


@router.post("/account/passkeys/options")
def begin_passkey(actor: Me, access: Door, site: Here) -> answers.Ceremony:
    """What to ask the browser for, to make a passkey."""
    ticket, options = access.account.begin_passkey(actor, site)
    return answers.Ceremony(ticket=ticket, options=options)


@router.post("/account/passkeys", status_code=204)
def add_passkey(made: answers.PasskeyMade, actor: Me, access: Door, site: Here) -> Response:
    """Take a new passkey into use."""
    access.account.add_passkey(actor, made.ticket, made.credential, made.name, site)
    return Response(status_code=204)


@router.delete("/account/passkeys/{passkey_id}", status_code=204)
def remove_passkey(passkey_id: str, actor: Me, access: Door) -> Response:
    """Do without a passkey."""
    access.account.remove_passkey(actor, passkey_id)
    return Response(status_code=204)


@router.get("/account/sessions")
def list_sessions(actor: Me, access: Door) -> list[answers.SessionKnown]:
    """Where I am signed in."""
    return [answers.session_of(each, actor.session_id) for each in access.account.sessions(actor)]


@router.delete("/account/sessions", status_code=204)
def end_other_sessions(actor: Me, access: Door) -> Response:
    """Sign out everywhere but here."""
    access.account.end_other_sessions(actor)
    return Response(status_code=204)


@router.delete("/account/sessions/{session_id}", status_code=204)
def end_session(session_id: str, actor: Me, access: Door) -> Response:
    """Sign out in one place."""
    access.account.end_session(actor, session_id)
    return Response(status_code=204)


@router.get("/account/tokens")
def list_tokens(actor: Me, access: Door) -> list[answers.TokenKnown]:
    """My tokens."""
    return [answers.token_of(each, is_idle=is_idle) for each, is_idle in access.tokens.list_tokens(actor)]


@router.post("/account/tokens", status_code=201)
def issue_token(asked: answers.TokenAsked, actor: Me, access: Door, response: Response) -> answers.TokenMade:
    """Make a token that acts for me, where I act now; its secret is shown once."""
    response.headers["cache-control"] = "no-store"
    lasts = timedelta(days=asked.days)
    made, secret = access.tokens.issue(actor, asked.name, asked.scopes, lasts)
    return answers.TokenMade(**answers.token_of(made).model_dump(), secret=secret)


@router.delete("/account/tokens/{token_id}", status_code=204)
def revoke_token(token_id: str, actor: Me, access: Door) -> Response:
    """End a token."""
    access.tokens.revoke(actor, token_id)
    return Response(status_code=204)
