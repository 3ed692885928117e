"""DocuMint's invoices and customers, in memory. None leaves or changes before the claims were held against it."""

import paper
from claims import Refused, forbidden

MAX_LINES, MAX_TEXT = 40, 80
# The largest integer that every JSON reader keeps exact (RFC 8259 section 6).
MAX_NUMBER = 2**53 - 1

ACCOUNTS = {
    "acme": {"series": "A", "contact": "wile@acme.example", "templates": ["plain"]},
    "globex": {"series": "G", "contact": "hank@globex.example", "templates": ["plain"]},
}
# Whose it is, and on what a token may be bounded.
INVOICE_AXES = ("project", "created_by")


def samples():
    customer = lambda number, tenant, name, address: {
        "number": number, "tenant": tenant, "name": name, "address": address}
    invoice = lambda number, tenant, project, created_by, to, text, cents: {
        "number": number, "tenant": tenant, "project": project, "created_by": created_by, "customer": to,
        "template": "plain", "lines": [{"text": text, "quantity": 1, "unit_cents": cents}], "total_cents": cents}
    customers = [
        customer("A-c1", "acme", "Road Works Ltd", "1 Canyon Road, Tucson"),
        customer("A-c2", "acme", "Desert Parcels", "9 Mesa Street, Flagstaff"),
        customer("G-c1", "globex", "Cypress Dams", "4 River Lane, Cypress Creek"),
    ]
    # Globex has a project and a creator of the names that clients of Acme are bounded to.
    invoices = [
        invoice("A-1", "acme", "acme-web", "web-shop", "A-c1", "Painted tunnel", 120_000),
        invoice("A-2", "acme", "acme-shop", "invoice-robot", "A-c2", "Rocket skates", 45_050),
        invoice("A-3", "acme", "roadrunner", "housekeeper", "A-c1", "Bird seed", 99_900),
        invoice("G-1", "globex", "acme-shop", "housekeeper", "G-c1", "Half a dam", 1_000_000),
    ]
    return [{record["number"]: record for record in shelf} for shelf in (customers, invoices)]


class Archive:
    """The records, in memory. Every way in takes the claims, so no route can forget to ask."""

    def __init__(self):
        self.customers, self.invoices = samples()
        self.given = {"A": 3, "G": 1}  # no number is given twice, also after its record is gone

    def numbered(self, shelf, who, number, axes=()):
        # Numbers show whose they are. So the answer about another tenant's is the same, whether it is there or not.
        account = ACCOUNTS.get(who.tenant)
        if account is None or account["series"] != number.split("-")[0]:
            raise forbidden()
        if number not in shelf:
            raise Refused(404, reason="no_such_record")
        return who.demand(shelf[number], axes)

    def list_customers(self, who, _body):
        return 200, [record for record in self.customers.values() if who.allows(record)], {}

    def show_customer(self, who, _body, number):
        return 200, self.numbered(self.customers, who, number), {}

    def list_invoices(self, who, _body):
        return 200, [record for record in self.invoices.values() if who.allows(record, INVOICE_AXES)], {}

    def show_invoice(self, who, _body, number):
        return 200, self.numbered(self.invoices, who, number, INVOICE_AXES), {}

    def export_invoice(self, who, _body, number):
        invoice = self.numbered(self.invoices, who, number, INVOICE_AXES)
        # What an invoice shows belongs to it: the claims were held against the whole of it.
        page = paper.invoice(invoice, self.customers[invoice["customer"]], ACCOUNTS[who.tenant]["contact"])
        return 200, page, {"Content-Type": "application/pdf"}

    def delete_invoice(self, who, _body, number):
        self.numbered(self.invoices, who, number, INVOICE_AXES)
        del self.invoices[number]
        return 204, None, {}

    def create_invoice(self, who, body):
        draft = read_draft(body)
        account = ACCOUNTS.get(who.tenant)
        if account is None:
            raise Refused(404, reason="no_such_record")
        place = self.given[account["series"]] + 1
        # Tenant and creator are the token's; a caller cannot say them.
        number = f"{account['series']}-{place}"
        invoice = {**draft, "number": number, "tenant": who.tenant, "created_by": who.client_id}
        # The bound comes first: whoever may not bill a project learns nothing else about the draft.
        who.demand(invoice, INVOICE_AXES)
        faults = draft_faults(draft)
        if self.customers.get(draft["customer"], {}).get("tenant") != who.tenant:
            faults.append("the account has no such customer")
        if draft["template"] not in account["templates"]:
            faults.append("the account has no such template")
        if faults:
            raise Refused(422, reason="draft_refused", faults=faults)
        self.given[account["series"]] = place
        self.invoices[number] = invoice
        return 201, invoice, {"Location": f"/invoices/{number}"}


def read_draft(body):
    """Exactly the members of a draft, of exactly their types."""
    draft = {"template": "plain", **members(body, {"project": str, "customer": str, "lines": list}, {"template": str})}
    lines = [members(line, {"text": str, "quantity": int, "unit_cents": int}) for line in draft["lines"]]
    for line in lines:
        if not (0 <= line["quantity"] < 2**32 and 0 <= line["unit_cents"] <= MAX_NUMBER):
            raise unreadable("a number is out of range")
    draft["total_cents"] = sum(line["quantity"] * line["unit_cents"] for line in lines)
    return draft


def members(value, needed, optional=None):
    known = needed | (optional or {})
    if not isinstance(value, dict) or not needed.keys() <= value.keys() <= known.keys():
        raise unreadable(f"an object of {', '.join(known)} is taken, and nothing else")
    for name, found in value.items():
        if type(found) is not known[name]:  # in Python, true is a number, too
            raise unreadable(f"{name} is of the wrong type")
    return value


def draft_faults(draft):
    faults = []
    for what, text in [("project", draft["project"]), *(("text", line["text"]) for line in draft["lines"])]:
        if not text.strip() or not text.isprintable() or len(text) > MAX_TEXT:
            faults.append(f"{what} is one line of 1 to {MAX_TEXT} characters")
    if not 1 <= len(draft["lines"]) <= MAX_LINES:
        faults.append(f"an invoice has 1 to {MAX_LINES} lines")
    if draft["total_cents"] > MAX_NUMBER:
        faults.append("the total is more than DocuMint can count")
    return faults


def unreadable(detail):
    return Refused(422, reason="body_unreadable", detail=detail)
