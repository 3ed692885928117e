"""An invoice on paper: one page in Helvetica, in the plainest PDF there is (ISO 32000-1 section 7.5)."""


def invoice(record, customer, contact):
    priced = lambda text, cents: f"{text}: {cents // 100}.{cents % 100:02}"
    items = [priced(f"{line['quantity']} x {line['text']}", line["unit_cents"]) for line in record["lines"]]
    address = f"{customer['name']}, {customer['address']}"
    heading = f"Invoice {record['number']} for {record['project']}"
    return page([heading, address, "", *items, priced("Total", record["total_cents"]), "", f"Questions: {contact}"])


def page(lines):
    text = b"".join(b"(" + printed(line) + b") '\n" for line in lines)
    content = b"BT /F1 11 Tf 15 TL 56 786 Td\n" + text + b"ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
        b" /Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    pdf, table = b"%PDF-1.4\n", b"0000000000 65535 f \n"
    for number, body in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(pdf)
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(pdf))
    return pdf + b"xref\n0 %d\n" % size + table + trailer


def printed(line):
    """What the font does not have becomes a question mark, and nothing can end the string."""
    text = line.encode("cp1252", "replace")
    return text.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
