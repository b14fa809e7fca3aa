//! Files both ways.

use lorikeet_fake_telegram::{Kind, Options, Paths};
use serde_json::{Value, json};

use crate::client::{Wire, jpeg, png};

#[tokio::test]
async fn a_photo_is_a_picture_of_a_certain_size() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let mut heavy = jpeg(20, 20);
    heavy.resize(10 * 1024 * 1024, 0);
    let mut heavier = heavy.clone();
    heavier.push(0);
    let too_heavy = "Bad Request: file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes";
    for (name, bytes, refused) in [
        ("jpeg", jpeg(40, 20), ""),
        ("png", png(40, 20), ""),
        (
            "text",
            b"not a picture".to_vec(),
            "Bad Request: IMAGE_PROCESS_FAILED",
        ),
        (
            "cut",
            png(40, 20)[..12].to_vec(),
            "Bad Request: IMAGE_PROCESS_FAILED",
        ),
        ("empty", vec![], "Bad Request: file must be non-empty"),
        ("10:200", png(10, 200), ""),
        (
            "10:201",
            png(10, 201),
            "Bad Request: PHOTO_INVALID_DIMENSIONS",
        ),
        (
            "201:10",
            png(201, 10),
            "Bad Request: PHOTO_INVALID_DIMENSIONS",
        ),
        ("10000", png(9000, 1000), ""),
        (
            "10001",
            png(9000, 1001),
            "Bad Request: PHOTO_INVALID_DIMENSIONS",
        ),
        ("10 MB", heavy, ""),
        ("10 MB and a byte", heavier, too_heavy),
    ] {
        let reply = wire
            .upload(
                "sendPhoto",
                json!({ "chat_id": room.id() }),
                &[("photo", "p", &bytes)],
            )
            .await;
        if refused.is_empty() {
            assert_eq!(reply.status, 200, "{name}: {}", reply.body);
        } else {
            reply.refused(400, refused);
        }
    }
    let none = "Bad Request: there is no photo in the request";
    wire.call("sendPhoto", json!({ "chat_id": room.id() }))
        .await
        .refused(400, none);
}

#[tokio::test]
async fn a_document_has_50_mb_at_most() {
    let wire = Wire::new().await;
    let (_, room) = wire.anna();
    let fields = json!({ "chat_id": room.id(), "caption": "c" });
    let mut bytes = vec![7; 50 * 1024 * 1024];
    let sent = wire
        .upload(
            "sendDocument",
            fields.clone(),
            &[("document", "a.bin", &bytes)],
        )
        .await
        .ok();
    assert_eq!(sent["document"]["file_name"], "a.bin");
    assert_eq!(sent["document"]["file_size"], bytes.len());
    let seen = room.last().unwrap().media.unwrap();
    assert_eq!(
        (seen.kind, seen.bytes.len(), seen.name.as_deref()),
        (Kind::Document, bytes.len(), Some("a.bin"))
    );
    // A bot may send what it may not fetch.
    let file = json!({ "file_id": sent["document"]["file_id"] });
    wire.call("getFile", file)
        .await
        .refused(400, "Bad Request: file is too big");
    bytes.push(7);
    let large = "Request Entity Too Large";
    wire.upload(
        "sendDocument",
        fields.clone(),
        &[("document", "a.bin", &bytes)],
    )
    .await
    .refused(413, large);
    bytes.resize(60 * 1024 * 1024, 7);
    wire.upload("sendDocument", fields, &[("document", "a.bin", &bytes)])
        .await
        .refused(413, large);
}

#[tokio::test]
async fn files_are_named_by_their_ids() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    anna.to(&room).photo(jpeg(50, 40)).unwrap();
    let photo = wire.update().await["message"]["photo"][0]["file_id"].clone();
    anna.to(&room).document("a.txt", "abc");
    let document = wire.update().await["message"]["document"]["file_id"].clone();
    for (method, field, value, refused) in [
        ("sendPhoto", "photo", photo.clone(), ""),
        ("sendDocument", "document", document.clone(), ""),
        (
            "sendPhoto",
            "photo",
            document,
            "can't use file of type Document as Photo",
        ),
        (
            "sendDocument",
            "document",
            photo,
            "can't use file of type Photo as Document",
        ),
        (
            "sendPhoto",
            "photo",
            json!("AgACnothing"),
            "wrong file identifier/HTTP URL specified",
        ),
        (
            "sendPhoto",
            "photo",
            json!("https://example.com/a.jpg"),
            "failed to get HTTP URL content",
        ),
        (
            "sendPhoto",
            "photo",
            json!("attach://nowhere"),
            "wrong file identifier/HTTP URL specified",
        ),
    ] {
        let mut body = json!({ "chat_id": room.id() });
        body[field] = value;
        let reply = wire.call(method, body).await;
        if refused.is_empty() {
            reply.ok();
        } else {
            reply.refused(400, &format!("Bad Request: {refused}"));
        }
    }
}

async fn path(wire: &Wire, file: &Value) -> String {
    let got = wire
        .call("getFile", json!({ "file_id": file["file_id"] }))
        .await
        .ok();
    assert_eq!(got["file_unique_id"], file["file_unique_id"]);
    assert_eq!(got["file_size"], file["file_size"]);
    got["file_path"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_persons_photo_comes_in_several_sizes_and_is_fetched_by_its_path() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    let original = jpeg(1000, 500);
    anna.to(&room)
        .caption("/add parrot")
        .photo(original.clone())
        .unwrap();
    let message = wire.update().await["message"].clone();
    assert_eq!(message["caption"], "/add parrot");
    assert_eq!(message["caption_entities"][0]["type"], "bot_command");
    let sizes = message["photo"].as_array().unwrap();
    let widths: Vec<i64> = sizes
        .iter()
        .filter_map(|size| size["width"].as_i64())
        .collect();
    assert_eq!(widths, [90, 320, 800, 1000]);
    for size in sizes {
        let path = path(&wire, size).await;
        assert!(
            path.starts_with("photos/file_") && path.ends_with(".jpg"),
            "{path}"
        );
        let (status, bytes) = wire.download(&path).await;
        assert_eq!(status, 200);
        assert_eq!(json!(bytes.len()), size["file_size"]);
        let picture = image::load_from_memory(&bytes).unwrap();
        assert_eq!(
            (json!(picture.width()), json!(picture.height())),
            (size["width"].clone(), size["height"].clone())
        );
        if size["width"] == 1000 {
            assert_eq!(bytes, original);
        }
    }
    // A path is good for a while, and then asked for again.
    let largest = sizes.last().unwrap();
    let old = path(&wire, largest).await;
    wire.telegram.expire_file_paths();
    assert_eq!(wire.download(&old).await.0, 404);
    let new = path(&wire, largest).await;
    assert_eq!(wire.download(&new).await.0, 200);

    // What is no JPEG becomes one; what is large is shrunk.
    anna.to(&room).photo(png(3000, 300)).unwrap();
    let sizes = wire.update().await["message"]["photo"].clone();
    let largest = sizes.as_array().unwrap().last().unwrap();
    assert_eq!(
        (largest["width"].clone(), largest["height"].clone()),
        (json!(2560), json!(256))
    );
    let (_, bytes) = wire.download(&path(&wire, largest).await).await;
    assert!(bytes.starts_with(&[0xff, 0xd8]));
    assert!(anna.to(&room).photo("no picture").is_err());
}

#[tokio::test]
async fn a_bot_fetches_20_mb_at_most() {
    let wire = Wire::new().await;
    let (anna, room) = wire.anna();
    for (size, fits) in [(20 * 1024 * 1024, true), (20 * 1024 * 1024 + 1, false)] {
        anna.to(&room).document("big.zip", vec![1; size]);
        let document = wire.update().await["message"]["document"].clone();
        assert_eq!(document["mime_type"], "application/zip");
        let reply = wire
            .call("getFile", json!({ "file_id": document["file_id"] }))
            .await;
        if fits {
            let path = reply.ok()["file_path"].as_str().unwrap().to_owned();
            assert_eq!(wire.download(&path).await.1.len(), size);
        } else {
            reply.refused(400, "Bad Request: file is too big");
        }
    }
    wire.call("getFile", json!({ "file_id": "x" }))
        .await
        .refused(400, "Bad Request: invalid file_id");
    wire.call("getFile", json!({}))
        .await
        .refused(400, "Bad Request: file_id is not specified");
}

#[tokio::test]
async fn paths_may_look_encoded() {
    let options = Options {
        paths: Paths::Encoded,
        ..Options::default()
    };
    let wire = Wire::with(options).await;
    let (anna, room) = wire.anna();
    anna.to(&room).document("a.txt", "abc");
    let document = wire.update().await["message"]["document"].clone();
    let path = path(&wire, &document).await;
    assert!(path.starts_with("documents%2Ffile_"), "{path}");
    for path in [
        path.clone(),
        path.replace("%2F", "/"),
        path.replace('%', "%25"),
    ] {
        assert_eq!(wire.download(&path).await.1, "abc", "{path}");
    }
}
