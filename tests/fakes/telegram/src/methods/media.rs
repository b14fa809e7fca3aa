//! Files in calls: uploaded, attached, or named by an id.

use serde_json::{Map, Value};

use crate::answer::Refusal;
use crate::files::{Kind, PHOTO, UPLOAD};
use crate::message::{Media, Size};
use crate::params::{Params, Upload};
use crate::picture;
use crate::world::World;

/// Width and height of a photo together. <https://core.telegram.org/bots/api#sendphoto>
const SIDES: u32 = 10_000;
/// How many times longer than wide a photo may be. <https://core.telegram.org/bots/api#sendphoto>
const RATIO: u32 = 20;

/// A file of a call. `given` is what stands in its field; a part of that name is as good.
pub(super) fn media(
    world: &World,
    params: &Params,
    kind: Kind,
    field: &str,
    given: Option<&str>,
) -> Result<Media, Refusal> {
    let upload = match given {
        None => params.files.get(field),
        Some(given) => match given.strip_prefix("attach://") {
            Some(part) => Some(
                params
                    .files
                    .get(part)
                    .ok_or_else(|| Refusal::bad("wrong file identifier/HTTP URL specified"))?,
            ),
            None => return by_name(world, kind, given),
        },
    };
    let Some(upload) = upload else {
        let field = kind.field();
        return Err(Refusal::bad(format!("there is no {field} in the request")));
    };
    uploaded(world, kind, upload)
}

/// An item of an album or of `editMessageMedia`.
pub(super) fn item(
    world: &World,
    params: &Params,
    fields: &Map<String, Value>,
) -> Result<Media, Refusal> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let kind = match text("type") {
        Some("photo") => Kind::Photo,
        Some("document") => Kind::Document,
        Some("video") => Kind::Video,
        Some("animation") => Kind::Animation,
        Some("audio") => Kind::Audio,
        _ => {
            return Err(Refusal::bad(
                "can't parse InputMedia: invalid InputMedia type specified",
            ));
        }
    };
    let Some(given) = text("media") else {
        return Err(Refusal::bad(
            "can't parse InputMedia: Can't find field \"media\"",
        ));
    };
    let mut media = media(world, params, kind, "", Some(given))?;
    media.spoiler = fields.get("has_spoiler").and_then(Value::as_bool) == Some(true);
    Ok(media)
}

fn by_name(world: &World, kind: Kind, given: &str) -> Result<Media, Refusal> {
    if given.contains("://") {
        // There is no net to fetch from.
        return Err(Refusal::bad("failed to get HTTP URL content"));
    }
    let Some(file) = world.files.find(given) else {
        return Err(Refusal::bad("wrong file identifier/HTTP URL specified"));
    };
    if file.kind != kind {
        let (is, wanted) = (file.kind.spoken(), kind.spoken());
        return Err(Refusal::bad(format!(
            "can't use file of type {is} as {wanted}"
        )));
    }
    let (_, width, height) =
        picture::probe(&file.bytes).unwrap_or((image::ImageFormat::Jpeg, 0, 0));
    let whole = Size {
        file: file.clone(),
        width,
        height,
    };
    Ok(Media {
        sizes: if kind == Kind::Photo {
            vec![whole]
        } else {
            Vec::new()
        },
        file,
        name: None,
        mime: None,
        width,
        height,
        spoiler: false,
    })
}

fn uploaded(world: &World, kind: Kind, upload: &Upload) -> Result<Media, Refusal> {
    let size = upload.bytes.len();
    if size == 0 {
        return Err(Refusal::bad("file must be non-empty"));
    }
    if size > UPLOAD {
        return Err(Refusal::too_large());
    }
    if kind == Kind::Photo {
        return photo(world, upload);
    }
    let extension = match upload.name.rsplit_once('.') {
        Some((_, extension)) if extension.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            extension
        }
        _ => "bin",
    };
    Ok(Media {
        file: world.files.keep(kind, extension, upload.bytes.clone()),
        sizes: Vec::new(),
        name: Some(upload.name.clone()),
        mime: upload.mime.clone(),
        width: 0,
        height: 0,
        spoiler: false,
    })
}

fn photo(world: &World, upload: &Upload) -> Result<Media, Refusal> {
    let size = upload.bytes.len();
    if size > PHOTO {
        return Err(Refusal::bad(format!(
            "file of size {size} bytes is too big for a photo; the maximum size is {PHOTO} bytes"
        )));
    }
    let Some((_, width, height)) = picture::probe(&upload.bytes) else {
        return Err(Refusal::bad("IMAGE_PROCESS_FAILED"));
    };
    let (short, long) = (width.min(height), width.max(height));
    if width.saturating_add(height) > SIDES || long > short.saturating_mul(RATIO) {
        return Err(Refusal::bad("PHOTO_INVALID_DIMENSIONS"));
    }
    let sizes: Vec<Size> = picture::sizes(width, height)
        .into_iter()
        .map(|(width, height)| Size {
            file: world.files.keep(Kind::Photo, "jpg", upload.bytes.clone()),
            width,
            height,
        })
        .collect();
    let Some(largest) = sizes.last() else {
        return Err(Refusal::bad("IMAGE_PROCESS_FAILED"));
    };
    Ok(Media {
        file: largest.file.clone(),
        sizes,
        name: None,
        mime: None,
        width,
        height,
        spoiler: false,
    })
}
