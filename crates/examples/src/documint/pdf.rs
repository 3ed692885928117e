//! The invoice on paper: one page in Helvetica, in the plainest PDF there is (ISO 32000-1 section 7.5).

use super::account::Account;
use super::customer::Customer;
use super::invoice::Invoice;
use super::template::Template;

/// The invoice as a document.
pub(super) fn print(
    invoice: &Invoice,
    account: &Account,
    customer: &Customer,
    template: &Template,
) -> Vec<u8> {
    let mut lines = vec![
        template.heading.clone(),
        format!("Invoice {} for {}", invoice.number, invoice.project),
        format!("{}, {}", customer.name, customer.address),
        String::new(),
    ];
    let priced = |text: &str, cents: u64| format!("{text}: {}.{:02}", cents / 100, cents % 100);
    for line in &invoice.lines {
        lines.push(priced(&format!("{} x {}", line.quantity, line.text), line.unit_cents));
    }
    lines.push(priced("Total", invoice.total_cents));
    lines.extend([String::new(), template.footer.clone(), format!("Questions: {}", account.contact)]);
    page(&lines)
}

fn page(lines: &[String]) -> Vec<u8> {
    let mut content = b"BT /F1 11 Tf 15 TL 56 786 Td\n".to_vec();
    for line in lines {
        content.push(b'(');
        content.extend(line.chars().flat_map(printed));
        content.extend(b") '\n");
    }
    content.extend(b"ET");
    let mut stream = format!("<< /Length {} >>\nstream\n", content.len()).into_bytes();
    stream.extend(content);
    stream.extend(b"\nendstream");
    document(&[
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R\n/Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        &stream,
    ])
}

/// The objects, a table of where each of them begins, and where that table begins.
fn document(objects: &[&[u8]]) -> Vec<u8> {
    let mut pdf = b"%PDF-1.4\n".to_vec();
    let size = objects.len() + 1;
    let mut table = vec![format!("xref\n0 {size}\n0000000000 65535 f \n")];
    for (number, object) in (1..).zip(objects) {
        table.push(format!("{:010} 00000 n \n", pdf.len()));
        pdf.extend(format!("{number} 0 obj\n").bytes());
        pdf.extend(*object);
        pdf.extend(b"\nendobj\n");
    }
    table.push(format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", pdf.len()));
    pdf.extend(table.concat().bytes());
    pdf
}

/// A character of a literal string in Windows-1252, which agrees with Unicode outside of U+0080 to U+009F. What is
/// not in it becomes a question mark, and nothing can end the string.
fn printed(c: char) -> Vec<u8> {
    match (c, u8::try_from(u32::from(c))) {
        ('(' | ')' | '\\', Ok(byte)) => vec![b'\\', byte],
        (' '..='~' | '\u{a0}'..='\u{ff}', Ok(byte)) => vec![byte],
        _ => vec![b'?'],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_begins_where_the_table_says_and_no_text_ends_its_string() {
        let pdf = page(&["Invoice (1)".to_owned(), "\u{fc}mlaut \\ \u{6771}".to_owned()]);
        let text: String = pdf.iter().copied().map(char::from).collect();
        // One character a byte, so that offsets of one are offsets of the other.
        let from = |at: usize| text.chars().skip(at).collect::<String>();
        let table = from(text.rsplit_once("startxref\n").unwrap().1.lines().next().unwrap().parse().unwrap());
        let rows: Vec<&str> = table.lines().collect();
        assert_eq!(rows[..3], ["xref", "0 6", "0000000000 65535 f "]);
        for (number, row) in (1..=5).zip(&rows[3..]) {
            let object = from(row[..10].parse().unwrap());
            assert!(object.starts_with(&format!("{number} 0 obj\n")), "{row}");
        }
        assert!(text.contains("(Invoice \\(1\\)) '") && text.contains("(\u{fc}mlaut \\\\ ?) '"), "{text}");
    }
}
