"""Access over HTTP."""

from fastapi import APIRouter

from hemalum.capabilities.access.routes import account, institutions, people, sign_in

router = APIRouter(tags=["access"])
for _each in (sign_in, institutions, account, people):
    router.include_router(_each.router)

entrance = sign_in.entrance
