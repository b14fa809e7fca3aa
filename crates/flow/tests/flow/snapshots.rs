//! What is persisted and what is drawn, to the letter: a change here is read before it is accepted.

use lorikeet_chat::Level;
use lorikeet_flow::{AnyFlow, Input, Message, Navigation, Notice, Wish};
use serde_json::{Value, json};

use crate::postcard::{Shop, background, photos, postcard, returned};

#[test]
fn the_stored_instance() {
    let flow: &dyn AnyFlow<Shop> = &postcard();
    let start = flow.start(&Value::Null, &Shop::OPEN).unwrap().instance;
    insta::assert_json_snapshot!(start, @r#"
    {
      "flow": "postcard",
      "version": 3,
      "step": "address",
      "state": {
        "address": "",
        "caption": "",
        "photos": [],
        "price": 0,
        "queue": 0
      }
    }
    "#);
    let text = Input::Text("1 Sea Road".into());
    let next = flow.advance(&start, &text, &Shop::OPEN).unwrap().instance;
    insta::assert_json_snapshot!(next, @r#"
    {
      "flow": "postcard",
      "version": 3,
      "step": "photos",
      "history": [
        "address"
      ],
      "state": {
        "address": "1 Sea Road",
        "caption": "",
        "photos": [],
        "price": 0,
        "queue": 0
      }
    }
    "#);
}

#[test]
fn inputs_and_moves() {
    let inputs = [
        Input::Value(json!({ "crop": 0 })),
        Input::Text("hello".into()),
        photos(&["a.png"]),
        Input::Form([("street".to_owned(), "Sea Road".to_owned())].into()),
        background("payment", json!(true)),
        returned("crop", json!(1)),
    ];
    insta::assert_json_snapshot!(inputs, @r#"
    [
      {
        "value": {
          "crop": 0
        }
      },
      {
        "text": "hello"
      },
      {
        "media": {
          "items": [
            {
              "source": "file:a.png",
              "name": "a.png"
            }
          ]
        }
      },
      {
        "form": {
          "street": "Sea Road"
        }
      },
      {
        "background": {
          "topic": "payment",
          "payload": true
        }
      },
      {
        "returned": {
          "flow": "crop",
          "result": 1
        }
      }
    ]
    "#);
    let moves = [
        Navigation::Back,
        Navigation::Skip,
        Navigation::Jump("review".into()),
        Navigation::Cancel,
    ];
    insta::assert_compact_json_snapshot!(moves, @r#"["back", "skip", {"jump": "review"}, "cancel"]"#);
}

#[test]
fn wishes_and_notices() {
    insta::assert_compact_json_snapshot!(Wish::new("payments", json!({ "cents": 250 })), @r#"{"service": "payments", "request": {"cents": 250}}"#);
    let message = Message::new("card-sent")
        .text("to", "Ann")
        .number("copies", 2);
    let level = Level::Info;
    insta::assert_compact_json_snapshot!(Notice { level, message }, @r#"{"level": "info", "message": {"id": "card-sent", "args": [["to", {"text": "Ann"}], ["copies", {"number": 2.0}]]}}"#);
}

#[test]
fn the_diagram() {
    insta::assert_snapshot!(postcard().mermaid(), @r#"
    %% postcard, version 3
    flowchart TD
        start((" "))
        step_address["address"]
        step_photos["photos"]
        step_caption["caption"]
        step_review["review"]
        step_paying[["paying"]]
        step_done[["done"]]
        flow_crop[/"crop"/]
        anywhere(["any step"])
        finish(((" ")))
        start --> step_address
        start --> step_review
        step_address -->|"text, form"| step_photos
        step_photos -.->|"back"| step_address
        step_photos -->|"media, returned crop"| step_photos
        step_photos -->|"value"| step_caption
        step_photos ==>|"value"| flow_crop
        step_caption -.->|"back"| step_photos
        step_caption -->|"text, skip"| step_review
        step_review -.->|"back"| step_caption
        step_review -->|"value"| step_paying
        step_review -->|"jump"| step_address
        step_review -->|"jump"| step_photos
        step_review -->|"jump"| step_caption
        step_address -.->|"back"| step_review
        step_photos -.->|"back"| step_review
        step_caption -.->|"back"| step_review
        step_paying -->|"background payment"| step_done
        step_done -->|"value"| finish
        step_done -->|"jump"| step_review
        step_review -.->|"back"| step_done
        anywhere -->|"background queue"| anywhere
    "#);
}
