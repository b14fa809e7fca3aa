//! Pictures packed and unpacked again.

use bytes::Bytes;
use lorikeet_media::{Blobs, archive, pack};

#[tokio::test]
async fn what_is_packed_can_be_unpacked() {
    let blobs = Blobs::in_memory();
    let png = Bytes::from_static(b"\x89PNG\r\n\x1a\nnot much of one");
    let jpeg = Bytes::from_static(b"\xff\xd8\xff\xe0nor this");
    let (first, second) = (
        blobs.put(png.clone()).await.unwrap().id,
        blobs.put(jpeg.clone()).await.unwrap().id,
    );
    let gone = lorikeet_chat::BlobId::from_digest([7; 32]);
    let pictures = [
        (first, "a cat, on a mat".to_owned()),
        (gone, "nobody knows".to_owned()),
        (second, String::new()),
    ];
    let stored = pack(&blobs, &pictures).await.unwrap();
    assert_eq!(
        pack(&blobs, &pictures).await.unwrap(),
        stored,
        "always the same bytes"
    );
    let bytes = blobs.get(&stored.id, 1_000_000).await.unwrap().unwrap();
    assert_eq!(bytes.len() as u64, stored.size);
    let entries: Vec<_> = archive::entries(bytes, &archive::Limits::default())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let read: Vec<_> = entries
        .iter()
        .map(|entry| (entry.name.as_str(), &entry.bytes, entry.caption.as_deref()))
        .collect();
    assert_eq!(
        read,
        [
            ("01.png", &png, Some("a cat, on a mat")),
            ("03.jpg", &jpeg, None)
        ]
    );
}
