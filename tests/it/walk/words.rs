//! The commands in a piece of shell, as words: enough of the shell's grammar for what stands in documentation.

use std::iter::Peekable;
use std::str::Chars;

/// Words that stand before a command without being one.
const BEFORE: [&str; 7] = ["!", "do", "exec", "if", "then", "time", "while"];

/// The commands of a script, in their order; those of `$(…)`, of pipes and of lists each by itself. Redirections,
/// here-documents, comments and settings of the environment are left out.
pub(super) fn commands(script: &str) -> Vec<Vec<String>> {
    let mut reader =
        Reader { rest: script.chars().peekable(), commands: Vec::new(), words: Vec::new(), word: None };
    reader.read();
    for words in &mut reader.commands {
        let is_setting = |word: &str| {
            word.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            })
        };
        let before = words.iter().take_while(|word| is_setting(word) || BEFORE.contains(&&***word)).count();
        words.drain(..before);
    }
    reader.commands.retain(|words| !words.is_empty());
    reader.commands
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    commands: Vec<Vec<String>>,
    words: Vec<String>,
    /// The word that is being read; an empty one was quoted.
    word: Option<String>,
}

impl Reader<'_> {
    fn read(&mut self) {
        while let Some(next) = self.rest.next() {
            match next {
                '\'' => self.quoted(),
                '"' => self.double_quoted(),
                '\\' if self.rest.next_if_eq(&'\n').is_some() => {}
                '\\' => {
                    let escaped = self.rest.next();
                    self.word.get_or_insert_default().extend(escaped);
                }
                '#' if self.word.is_none() => while self.rest.next_if(|next| *next != '\n').is_some() {},
                '$' if self.rest.next_if_eq(&'(').is_some() => self.end_command(),
                ';' | '|' | '&' | '(' | ')' | '\n' => self.end_command(),
                '<' | '>' => self.redirection(next),
                space if space.is_whitespace() => self.end_word(),
                other => self.word.get_or_insert_default().push(other),
            }
        }
        self.end_command();
    }

    fn quoted(&mut self) {
        let word = self.word.get_or_insert_default();
        word.extend(self.rest.by_ref().take_while(|next| *next != '\''));
    }

    fn double_quoted(&mut self) {
        let word = self.word.get_or_insert_default();
        while let Some(next) = self.rest.next() {
            match next {
                '"' => return,
                '\\' => word.extend(self.rest.next()),
                '$' if self.rest.next_if_eq(&'(').is_some() => {
                    let inner: String = self.rest.by_ref().take_while(|next| *next != ')').collect();
                    self.commands.extend(commands(&inner));
                }
                other => word.push(other),
            }
        }
    }

    /// The operator and its target are no words of the command; neither is a number before it, nor the text of a
    /// here-document after it.
    fn redirection(&mut self, operator: char) {
        if self.word.as_ref().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit())) {
            self.word = None;
        }
        self.end_word();
        let here = operator == '<' && self.rest.next_if_eq(&'<').is_some();
        while self.rest.next_if(|next| ['>', '&'].contains(next)).is_some() {}
        while self.rest.next_if(|next| *next == ' ').is_some() {}
        let mut target = String::new();
        while let Some(next) = self.rest.next_if(|next| !next.is_whitespace() && !";|&()".contains(*next)) {
            target.push(next);
        }
        if here {
            let end = target.trim_matches(['\'', '"']).to_owned();
            let line =
                |rest: &mut Peekable<Chars<'_>>| rest.by_ref().take_while(|c| *c != '\n').collect::<String>();
            line(&mut self.rest);
            while self.rest.peek().is_some() && line(&mut self.rest) != end {}
            self.end_command();
        }
    }

    fn end_word(&mut self) {
        self.words.extend(self.word.take());
    }

    fn end_command(&mut self) {
        self.end_word();
        self.commands.push(std::mem::take(&mut self.words));
    }
}

#[test]
fn a_script_is_cut_into_commands_and_these_into_words() {
    let told = |script| commands(script).into_iter().map(|words| words.join("|")).collect::<Vec<_>>();
    assert_eq!(told("a 'b c' \"d $e\" f\\ g # h"), ["a|b c|d $e|f g"]);
    assert_eq!(told("a b \\\n  c > d 2>&1 & e=$!\nf 2> /dev/null"), ["a|b|c", "f"]);
    assert_eq!(told("A=b c | d < e && f; (g >h)"), ["c", "d", "f", "g"]);
    assert_eq!(told("cat > a <<'END'\nb c\nEND\nd"), ["cat", "d"]);
    assert_eq!(told("t=$(a b) c ''"), ["a|b", "c|"]);
    assert_eq!(told("a \"b $(c d)\""), ["c|d", "a|b "]);
    assert_eq!(told("for n in 1 2; do\n  a $n\ndone"), ["for|n|in|1|2", "a|$n", "done"]);
}
