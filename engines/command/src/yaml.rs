//! YAML as every reader takes it: JSON, but for numbers, whose short form some of them take for text.

use serde_json::Value;

/// Writes a value. PyYAML reads `1e-5` as a text, so fractions are written out.
pub(crate) fn write(value: &Value) -> String {
    let mut text = String::new();
    put(&mut text, value, 0);
    text.push('\n');
    text
}

fn put(text: &mut String, value: &Value, depth: usize) {
    let line = |text: &mut String, depth: usize| {
        text.push('\n');
        text.push_str(&"  ".repeat(depth));
    };
    match value {
        Value::Object(all) => {
            text.push('{');
            for (number, (name, value)) in all.iter().enumerate() {
                if number > 0 {
                    text.push(',');
                }
                line(text, depth + 1);
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push_str(": ");
                put(text, value, depth + 1);
            }
            line(text, depth);
            text.push('}');
        }
        Value::Array(all) => {
            text.push('[');
            for (number, value) in all.iter().enumerate() {
                if number > 0 {
                    text.push_str(", ");
                }
                put(text, value, depth + 1);
            }
            text.push(']');
        }
        Value::Number(number) if number.is_f64() => {
            let plain = number.as_f64().unwrap_or_default().to_string();
            text.push_str(&plain);
            if !plain.contains('.') {
                text.push_str(".0");
            }
        }
        // ai-toolkit puts its environment in the place of `${…}`, whatever that stands in.
        other => text.push_str(&other.to_string().replace('$', "\\u0024")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_read_back_and_has_no_short_numbers() {
        let value = json!({
            "rate": 1e-5, "whole": 4.0, "steps": 1000, "on": true, "none": null,
            "words": "a \"cat\": - # {x}\n'y' ${HOME}", "list": [1e-7, "小さな猫"], "empty": {},
        });
        let text = write(&value);
        assert!(
            text.contains("\"rate\": 0.00001,") && text.contains("\"whole\": 4.0"),
            "{text}"
        );
        assert!(text.contains("[0.0000001, "), "{text}");
        assert!(!text.contains('$'), "{text}");
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read, value);
    }
}
