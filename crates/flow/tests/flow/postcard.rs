//! The sample: ordering a postcard. Uses everything the engine has.

use lorikeet_chat::{Level, Screen};
use lorikeet_flow::{
    AnyFlow, Change, Context, Exits, Flow, Input, Media, Message, Navigation, Refusal, Rejection,
    Returned, Stored, Wish, steps,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

steps! {
    pub(crate) enum Step {
        Address = "address",
        Photos = "photos",
        Caption = "caption",
        Review = "review",
        Paying = "paying",
        Done = "done",
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Card {
    pub(crate) address: String,
    pub(crate) photos: Vec<String>,
    pub(crate) caption: String,
    /// Cents.
    pub(crate) price: u32,
    /// Kept up to date from outside, wherever the person is.
    pub(crate) queue: u32,
}

/// The context: the price has to be read before it is known.
#[derive(Clone, Debug)]
pub(crate) struct Shop {
    pub(crate) price: Option<u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReadPrice;

impl Context for Shop {
    type Wait = ReadPrice;
}

impl From<ReadPrice> for Refusal<ReadPrice> {
    fn from(wait: ReadPrice) -> Self {
        Self::Wait(wait)
    }
}

impl Shop {
    pub(crate) const OPEN: Self = Self { price: Some(250) };

    fn price(&self) -> Result<u32, ReadPrice> {
        self.price.ok_or(ReadPrice)
    }
}

type Refused = Refusal<ReadPrice>;
type Changed = Change<Step, Card>;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum PhotoChoice {
    Crop(usize),
    Enough,
}

pub(crate) const MAX_PHOTOS: usize = 3;

fn valid_address(_: &Card, text: &str, _: &Shop) -> Result<String, Refused> {
    match text.trim() {
        "" => Err(Rejection::new("card-address-empty").into()),
        text if text.chars().count() > 40 => {
            let message = Message::new("card-address-long").number("max", 40);
            Err(Rejection::from(message).into())
        }
        text => Ok(text.to_owned()),
    }
}

fn new_photos(card: &Card, media: Media, _: &Shop) -> Result<Vec<String>, Refused> {
    if card.photos.len() + media.items.len() > MAX_PHOTOS {
        return Err(Rejection::new("card-photos-many").into());
    }
    Ok(media.items.into_iter().map(|item| item.name).collect())
}

fn photo_choice(card: &Card, choice: PhotoChoice, _: &Shop) -> Result<PhotoChoice, Refused> {
    match choice {
        PhotoChoice::Crop(photo) if photo >= card.photos.len() => {
            Err(Rejection::new("card-photo-unknown").into())
        }
        PhotoChoice::Enough if card.photos.is_empty() => {
            Err(Rejection::new("card-photos-none").into())
        }
        choice => Ok(choice),
    }
}

fn chosen(card: Card, choice: PhotoChoice, _: &Shop) -> Changed {
    match choice {
        PhotoChoice::Crop(photo) => Change::call("crop", json!({ "photo": photo }), card),
        PhotoChoice::Enough => Change::to(Step::Caption, card),
    }
}

fn cropped(mut card: Card, (photo, name): (usize, String), _: &Shop) -> Changed {
    if let Some(slot) = card.photos.get_mut(photo) {
        *slot = name;
    }
    Change::stay(card)
}

fn order(card: &Card, _: bool, shop: &Shop) -> Result<u32, Refused> {
    let price = shop.price()?;
    if card.address.is_empty() || card.photos.is_empty() {
        return Err(Rejection::new("card-incomplete").into());
    }
    Ok(price)
}

fn ordered(card: Card, price: u32, _: &Shop) -> Changed {
    let pay = Wish::new("payments", json!({ "cents": price }));
    let notice = Message::new("card-ordered").number("cents", price);
    Change::to(Step::Paying, Card { price, ..card })
        .wish(pay)
        .say(Level::Success, notice)
}

fn paid(card: Card, paid: bool, _: &Shop) -> Changed {
    if paid {
        Change::to(Step::Done, card)
    } else {
        Change::stay(card).say(Level::Error, Message::new("card-payment-failed"))
    }
}

fn screen(text: &str) -> Result<Screen, ReadPrice> {
    Ok(Screen::new().text(text))
}

pub(crate) fn postcard() -> Flow<Step, Card, Shop> {
    Flow::builder("postcard", 3)
        .migrate(1, |step, mut state| {
            // Version 1 had one photo.
            let photo = state.as_object_mut()?.remove("photo")?;
            state["photos"] = json!([photo]);
            Some((step, state))
        })
        .migrate(2, |step, mut state| {
            let step = match step.as_str() {
                "greeting" => "caption".to_owned(),
                "gift_wrap" => return None,
                _ => step,
            };
            state.as_object_mut()?.insert("queue".into(), json!(0));
            Some((step, state))
        })
        .start([Step::Address, Step::Review], |args: Value, _| {
            Ok(match args["address"].as_str() {
                Some(address) => {
                    let address = address.to_owned();
                    let card = Card {
                        address,
                        ..Card::default()
                    };
                    Change::to(Step::Review, card)
                }
                None => Change::to(Step::Address, Card::default()),
            })
        })
        .step(
            Step::Address,
            |_, _| screen("Where to?"),
            |step| {
                step.on_text(
                    valid_address,
                    |card, address, _| Change::to(Step::Photos, Card { address, ..card }),
                    Exits::to([Step::Photos]),
                )
                .on_form(
                    |card, fields, shop| {
                        let street = fields.get("street").map_or("", String::as_str);
                        valid_address(card, street, shop)
                    },
                    |card, address, _| Change::to(Step::Photos, Card { address, ..card }),
                    Exits::to([Step::Photos]),
                )
            },
        )
        .step(
            Step::Photos,
            |_, _| screen("What is on it?"),
            |step| {
                step.on_media(
                    new_photos,
                    |mut card, photos, _| {
                        card.photos.extend(photos);
                        Change::stay(card)
                    },
                    Exits::stay(),
                )
                .on_value(
                    photo_choice,
                    chosen,
                    Exits::to([Step::Caption]).or_call("crop"),
                )
                .on_return(
                    "crop",
                    |_, crop: (usize, String), _| Ok(crop),
                    cropped,
                    Exits::stay(),
                )
            },
        )
        .step(
            Step::Caption,
            |_, _| screen("What to say?"),
            |step| {
                step.skip_to(Step::Review).on_text(
                    |_, text, _| Ok(text.to_owned()),
                    |card, caption, _| Change::to(Step::Review, Card { caption, ..card }),
                    Exits::to([Step::Review]),
                )
            },
        )
        .step(
            Step::Review,
            |_, shop| screen(&format!("That makes {} cents.", shop.price()?)),
            |step| {
                step.jumps_to([Step::Address, Step::Photos, Step::Caption])
                    .on_value(order, ordered, Exits::to([Step::Paying]))
            },
        )
        .step(
            Step::Paying,
            |_, _| screen("Waiting for the bank."),
            |step| {
                step.one_way().on_background(
                    "payment",
                    |_, paid: bool, _| Ok(paid),
                    paid,
                    Exits::to([Step::Done]),
                )
            },
        )
        .step(
            Step::Done,
            |_, _| screen("On its way."),
            |step| {
                step.one_way().jumps_to([Step::Review]).on_value(
                    |_, _: Value, _| Ok(()),
                    |card, (), _| Change::finish(card.price, card),
                    Exits::finish(),
                )
            },
        )
        .on_background(
            "queue",
            |_, length: u32, _| Ok(length),
            |card, queue, _| Change::stay(Card { queue, ..card }),
        )
        .on_cancel(|card| {
            let photos = card.photos.iter();
            photos
                .map(|photo| Wish::new("bin", photo.as_str()))
                .collect()
        })
        .build()
        .unwrap()
}

/// What a person who wants to get done does next.
pub(crate) fn sensible(stored: &Stored) -> Answer {
    match stored.step.as_str() {
        "address" => Answer::Input(Input::Text("1 Sea Road".into())),
        "photos" if stored.state["photos"] == json!([]) => Answer::Input(photos(&["beach.png"])),
        "photos" => Answer::Input(Input::Value(json!("enough"))),
        "caption" => Answer::Navigation(Navigation::Skip),
        "review" if stored.state["photos"] == json!([]) => jump("photos"),
        "review" if stored.state["address"] == json!("") => jump("address"),
        "review" | "done" => Answer::Input(Input::Value(json!(true))),
        "paying" => Answer::Input(background("payment", json!(true))),
        step => panic!("unknown step {step}"),
    }
}

/// Anything that can be done to a flow.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Input(Input),
    Navigation(Navigation),
}

impl Answer {
    pub(crate) fn give(
        &self,
        flow: &dyn AnyFlow<Shop>,
        stored: &Stored,
        shop: &Shop,
    ) -> Result<lorikeet_flow::Advance, lorikeet_flow::Halt<ReadPrice>> {
        match self {
            Self::Input(input) => flow.advance(stored, input, shop),
            Self::Navigation(navigation) => flow.navigate(stored, navigation),
        }
    }
}

pub(crate) fn jump(step: &str) -> Answer {
    Answer::Navigation(Navigation::Jump(step.into()))
}

pub(crate) fn background(topic: &str, payload: Value) -> Input {
    Input::Background(lorikeet_chat::Background {
        topic: topic.into(),
        payload,
    })
}

pub(crate) fn returned(flow: &str, result: Value) -> Input {
    Input::Returned(Returned {
        flow: flow.into(),
        result,
    })
}

pub(crate) fn photos(names: &[&str]) -> Input {
    let attachment = |name: &&str| lorikeet_chat::Attachment {
        source: lorikeet_chat::MediaSource::new(format!("file:{name}")).unwrap(),
        name: (*name).to_owned(),
        size: None,
    };
    Input::Media(Media {
        items: names.iter().map(attachment).collect(),
        ..Media::default()
    })
}
