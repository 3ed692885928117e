use super::*;
use std::io::{BufRead as _, BufReader};

/// Each kills a writer somewhere.
const ROUNDS: usize = 24;

#[tokio::test]
async fn a_writer_that_is_killed_anywhere_leaves_a_file_that_is_whole_and_no_older_than_it_said() {
    if let Some(file) = child::told() {
        return write_for_ever(&file).await;
    }
    let test =
        "killed::a_writer_that_is_killed_anywhere_leaves_a_file_that_is_whole_and_no_older_than_it_said";
    let scratch = Scratch::new();
    let file = scratch.file();
    write(&file, "0").await;
    for round in 0..ROUNDS {
        let (writer, said) = child::Running::start(child::command(&[], test, &file));
        let mut numbers = BufReader::new(said).lines().filter_map(|line| {
            line.unwrap().split_once("wrote ").map(|(_, number)| number.parse::<u64>().unwrap())
        });
        let said = numbers.by_ref().nth(round % 5).expect("the writer goes on");
        // Another instant of the writing each time; and whoever reads meanwhile finds a session.
        for _ in 0..round * 7 % 64 {
            assert!(text_in(&file).parse::<u64>().unwrap() >= said);
        }
        writer.kill();
        let said = numbers.last().unwrap_or(said);
        let found: u64 = text_in(&file).parse().unwrap();
        assert!(found >= said, "round {round}: {said} was on the disk, and {found} is there");
    }
    let locked = file.lock(Duration::ZERO).await.expect("the lock ends with the process that had it");
    locked.write(&sample("0")).await.unwrap();
    assert_eq!(scratch.names(), ["default.json", "default.json.lock"], "drafts are cleaned up");
}

/// Says each number when it is on the disk.
async fn write_for_ever(file: &SessionFile) {
    let mut number: u64 = text_in(file).parse().unwrap();
    loop {
        number += 1;
        write(file, &number.to_string()).await;
        println!("wrote {number}");
    }
}
