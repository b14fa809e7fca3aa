use super::*;

fn read(answer: &str) -> Result<i64, Refusal> {
    let answer: Answer<Sent> = serde_json::from_str(answer).unwrap();
    answer.outcome().map(|sent| sent.message_id)
}

#[test]
fn answers_are_told_apart() {
    let server = Refusal::Network("an error of the server".to_owned());
    let second = Duration::from_secs(1);
    for (answer, outcome) in [
        (
            r#"{"ok":true,"result":{"message_id":7,"new":1},"description":"Done"}"#,
            Ok(7),
        ),
        (
            r#"{"ok":false,"error_code":502,"description":"Bad Gateway"}"#,
            Err(server.clone()),
        ),
        (
            r#"{"ok":false,"error_code":500,"description":"Internal Server Error: restart","parameters":null}"#,
            Err(server.clone()),
        ),
        (
            r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 9","parameters":{"retry_after":9}}"#,
            Err(Refusal::Flood(second * 9)),
        ),
        (
            r#"{"ok":false,"error_code":429,"description":"Too Many Requests"}"#,
            Err(Refusal::Flood(second)),
        ),
        (
            r#"{"ok":false,"error_code":400,"parameters":{"migrate_to_chat_id":-1007}}"#,
            Err(Refusal::Moved(-1_007)),
        ),
        (
            r#"{"ok":false,"error_code":400,"description":"Bad Request: message to edit not found"}"#,
            Err(Refusal::NoSuchMessage),
        ),
        (
            r#"{"ok":false}"#,
            Err(Refusal::Network("an answer that is none".to_owned())),
        ),
    ] {
        assert_eq!(read(answer), outcome, "{answer}");
    }
    // As an upload hears of it.
    assert_eq!(Refusal::in_words("Bad Gateway"), server);
}
