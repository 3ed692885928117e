//! A plain text table.

/// Which side a column leans to.
#[derive(Clone, Copy)]
pub(crate) enum Lean {
    Left,
    Right,
}

/// Lays out the rows under the heads, columns as wide as their widest cell. A short row leaves its last cells empty.
pub(crate) fn render(columns: &[(&str, Lean)], rows: &[Vec<String>]) -> String {
    let heads: Vec<String> = columns.iter().map(|(head, _)| (*head).to_owned()).collect();
    let widths: Vec<usize> = (0..columns.len())
        .map(|column| {
            let cells = rows.iter().chain([&heads]).filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut text = String::new();
    for row in [&heads, &rule].into_iter().chain(rows) {
        let mut line = String::new();
        for (column, ((_, lean), width)) in columns.iter().zip(&widths).enumerate() {
            let cell = row.get(column).map_or("", String::as_str);
            let pad = " ".repeat(width - cell.chars().count());
            match lean {
                Lean::Left => line.extend([cell, &pad, "  "]),
                Lean::Right => line.extend([&pad, cell, "  "]),
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![
            vec!["test".to_owned(), "12.5".to_owned(), "ok".to_owned()],
            vec!["interoperation".to_owned(), "3.0".to_owned()],
        ];
        let text = render(&[("stage", Lean::Left), ("min", Lean::Right), ("", Lean::Left)], &rows);
        let expected = "stage            min\n\
                        --------------  ----  --\n\
                        test            12.5  ok\n\
                        interoperation   3.0\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn letters_are_counted_not_bytes() {
        let rows = vec![vec!["µs".to_owned(), "x".to_owned()], vec!["ms".to_owned(), "y".to_owned()]];
        let text = render(&[("u", Lean::Left), ("v", Lean::Left)], &rows);
        assert!(text.contains("\nµs  x\nms  y\n"), "{text}");
    }
}
