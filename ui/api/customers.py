"""Customers: their tokens, and what is kept about them."""

from typing import Any

from fastapi import APIRouter

from ui.access.customers import new_anonymous
from ui.api.caller import Built, Caller, Portal
from ui.api.problems import responses
from ui.api.schemas import CustomerToken

router = APIRouter(prefix="/v1/customers", tags=["Customers"], responses=responses())


@router.post("", status_code=201, summary="Make a token for an anonymous customer")
def add_customer(_portal: Portal) -> CustomerToken:
    """The customer's browser keeps it; whoever has it reads their conversations."""
    return CustomerToken(token=new_anonymous())


@router.get("/me", summary="Export everything that is kept about the customer")
def export_customer(built: Built, caller: Caller) -> dict[str, Any]:
    """Their conversations, masked as they are kept, and the contact details that they left."""
    return built.records.export(caller.id)


@router.delete("/me", status_code=204, summary="Erase everything that is kept about the customer")
def erase_customer(built: Built, caller: Caller) -> None:
    """At once and for good. Backups keep what they have until they are deleted."""
    built.records.erase(caller.id)
