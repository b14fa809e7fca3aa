//! One person's chat: what they do, what the bot shows, and an executor of what its turns want, always after the commit.

use std::sync::Arc;
use std::time::Duration;

use lorikeet_chat::{
    Attachment, Background, BlobId, Conversation, EffectBody, Event, EventBody, EventId,
    Invocation, Level, MediaSource, Origin, Page, PlatformId, Present, Prompt, RoomId, Screen,
    Sender, Stamp, Surface, Token, UserId,
};
use lorikeet_dialog::{Context, Session, Turn, run};
use lorikeet_training::wire::{
    self, Arrived, CaptionRequest, Captioned, Entry, IntakeRequest, Mend, Outcome, Part,
    PictureNews, PictureRequest,
};
use lorikeet_training::{Asker, Caption, Lora, Owner, Picture, Problem, ServiceError};
use serde_json::{Value, json};

use super::plain;
use super::world::{World, ready};

/// One conversation with the bot.
pub(crate) struct Chat {
    pub(crate) world: Arc<World>,
    pub(crate) conversation: Conversation,
    /// The session as it lies in the store.
    pub(crate) stored: String,
    /// What is on the screen.
    pub(crate) shown: Present,
    /// What was answered to presses of controls that were not there any more.
    pub(crate) answers: Vec<String>,
    /// Everything shown so far, as text.
    pub(crate) transcript: String,
    /// Files that are on their way; the test decides what comes of them.
    pub(crate) intakes: Vec<IntakeRequest>,
    /// Work that waits for a better moment.
    later: Vec<(String, EffectBody)>,
    /// Work that is committed and not done yet.
    work: Vec<(String, EffectBody)>,
    /// Work is left lying while this is set.
    pub(crate) slow: bool,
    /// Others read along.
    pub(crate) crowded: bool,
    /// What the person's device asks for.
    pub(crate) locale: Option<&'static str>,
    events: u64,
}

impl Chat {
    /// A person says hello in a room.
    pub(crate) fn of(world: &Arc<World>, user: &str, room: &str) -> Self {
        Self::speaking(None, world, user, room)
    }

    /// The same on a device that asks for a language.
    pub(crate) fn speaking(
        locale: Option<&'static str>,
        world: &Arc<World>,
        user: &str,
        room: &str,
    ) -> Self {
        let conversation = Conversation {
            platform: PlatformId::new("web").unwrap(),
            room: RoomId::new(room).unwrap(),
            thread: None,
            user: UserId::new(user).unwrap(),
        };
        let mut chat = Self {
            world: Arc::clone(world),
            conversation,
            stored: Session::default().to_text().unwrap(),
            shown: Present {
                screen: Screen::new(),
                stamp: Stamp::default(),
                surface: Surface::Fresh,
                page: Page::First,
            },
            answers: Vec::new(),
            transcript: String::new(),
            intakes: Vec::new(),
            later: Vec::new(),
            work: Vec::new(),
            slow: false,
            crowded: false,
            locale,
            events: 0,
        };
        chat.says("hello");
        chat
    }

    /// A person at the pictures' screen of a new LoRA.
    pub(crate) fn naming(world: &Arc<World>, name: &str) -> Self {
        let mut chat = Self::of(world, "kea", "den");
        chat.types("/train");
        chat.says(name);
        chat.shows(&format!("# {name}"));
        chat
    }

    /// A person with a LoRA of so many pictures, at the pictures' screen.
    pub(crate) fn with_pictures(world: &Arc<World>, name: &str, count: u8) -> Self {
        let mut chat = Self::naming(world, name);
        for seed in 1..=count {
            chat.sends_and_it_is_taken(seed);
        }
        chat
    }

    /// A person whose run is queued, looking at it.
    pub(crate) fn training(world: &Arc<World>, name: &str) -> Self {
        let mut chat = Self::with_pictures(world, name, 4);
        for label in ["Continue", "Skip captions", "Continue", "Start training"] {
            chat.presses(label);
        }
        chat.shows("Next in the queue");
        chat
    }

    pub(crate) fn owner(&self) -> Owner {
        Owner::of(&self.conversation)
    }

    pub(crate) fn session(&self) -> Session {
        Session::from_text(&self.stored).unwrap()
    }

    /// Flow and step of every flow on the stack, the one on the screen last.
    pub(crate) fn place(&self) -> Vec<(String, String)> {
        let session = self.session();
        let steps = session.stack().iter();
        steps
            .map(|stored| (stored.flow.clone(), stored.step.clone()))
            .collect()
    }

    /// The LoRA as it is in the records.
    pub(crate) fn saved(&self, name: &str) -> Lora {
        self.world.lora(&self.owner(), name).unwrap()
    }

    // What the person does.

    pub(crate) fn says(&mut self, text: &str) -> &mut Self {
        self.transcript.push_str(&format!("\nKea: {text}\n"));
        self.event(Origin::Person, EventBody::Text(text.to_owned()))
    }

    pub(crate) fn types(&mut self, line: &str) -> &mut Self {
        self.transcript.push_str(&format!("\nKea: {line}\n"));
        let line = line.strip_prefix('/').unwrap();
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        let invocation = Invocation::new(name).with(rest);
        self.event(Origin::Person, EventBody::Command(invocation))
    }

    pub(crate) fn presses(&mut self, label: &str) -> &mut Self {
        let token = self.token(label);
        self.transcript.push_str(&format!("\nKea: [{label}]\n"));
        self.press(token)
    }

    pub(crate) fn press(&mut self, token: Token) -> &mut Self {
        self.event(Origin::Person, EventBody::Press(token))
    }

    pub(crate) fn sends(&mut self, names: &[&str]) -> &mut Self {
        self.drops(names, "")
    }

    /// Files dropped on a place of the board.
    pub(crate) fn drops(&mut self, names: &[&str], place: &str) -> &mut Self {
        self.sends_with(names, place, "")
    }

    /// Files with words beside them.
    pub(crate) fn sends_with(&mut self, names: &[&str], place: &str, text: &str) -> &mut Self {
        self.transcript
            .push_str(&format!("\nKea sends {}\n", names.join(", ")));
        let items = names.iter().map(|name| Attachment {
            source: MediaSource::new(format!("upload/{name}.")).unwrap(),
            name: (*name).to_owned(),
            size: None,
        });
        let items = items.collect();
        self.event(
            Origin::Person,
            EventBody::Media {
                items,
                text: text.to_owned(),
                place: place.to_owned(),
            },
        )
    }

    pub(crate) fn fills(&mut self, fields: &[(&str, &str)]) -> &mut Self {
        let Some(Prompt::Form { submit, .. }) = self.shown.screen.prompt.clone() else {
            panic!("there is no form in:\n{}", self.text());
        };
        let token = self.token(&submit);
        let fields = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        self.event(Origin::Person, EventBody::Form { token, fields })
    }

    // What the world does.

    pub(crate) fn sends_and_it_is_taken(&mut self, seed: u8) -> &mut Self {
        let name = format!("{seed}.png");
        self.sends(&[&name]).arrives(&name, seed)
    }

    /// The file of a name was taken in; equal seeds are equal files.
    pub(crate) fn arrives(&mut self, name: &str, seed: u8) -> &mut Self {
        let picture = picture(name, seed);
        let outcome = Outcome::Taken {
            picture,
            caption: None,
        };
        self.came_of(name, outcome)
    }

    /// The archive of a name was unpacked.
    pub(crate) fn is_unpacked(&mut self, name: &str, entries: Vec<Entry>) -> &mut Self {
        self.came_of(name, Outcome::Unpacked(entries))
    }

    /// A picture of this name, whose place is looked at, is cut.
    pub(crate) fn with_cut(&mut self, name: &str, part: Part) -> &mut Self {
        let lora = self.world.of_picture(&self.owner(), name);
        let (_, found, _) = lora
            .dataset
            .pictures()
            .find(|(_, picture, _)| picture.name == name)
            .unwrap();
        let request = PictureRequest::Mend {
            lora: lora.id.clone(),
            image: found.image.clone(),
            how: Mend::Crop(part),
        };
        self.told(made(&json!(request)).into())
    }

    pub(crate) fn is_refused(&mut self, name: &str, problem: Problem) -> &mut Self {
        self.came_of(name, Outcome::Refused(problem))
    }

    fn came_of(&mut self, name: &str, outcome: Outcome) -> &mut Self {
        let ticket = self.fetched(name).context;
        self.told(Arrived { ticket, outcome }.into())
    }

    /// The file of a name could not be fetched or kept.
    pub(crate) fn intake_fails(&mut self, name: &str, code: &str) -> &mut Self {
        let request = self.fetched(name);
        self.given_up("intake", code, &json!(request))
    }

    /// The runtime gives a request up.
    pub(crate) fn given_up(&mut self, service: &str, code: &str, request: &Value) -> &mut Self {
        self.told(Background {
            topic: format!("{service}.failed"),
            payload: json!({ "code": code, "request": request }),
        })
    }

    fn fetched(&mut self, name: &str) -> IntakeRequest {
        let place = self.intakes.iter().position(|asked| asked.name == name);
        self.intakes.remove(place.unwrap())
    }

    pub(crate) fn told(&mut self, background: Background) -> &mut Self {
        self.event(Origin::Internal, EventBody::Background(background))
    }

    /// Time passes, what waited is tried again, and what was told meanwhile is heard.
    pub(crate) fn after(&mut self, time: Duration) -> &mut Self {
        self.world.clock.advance(time);
        self.work.append(&mut self.later);
        self.hears()
    }

    /// The work lane keeps no order: what waits is done from its end.
    pub(crate) fn work_comes_in_another_order(&mut self) -> &mut Self {
        self.work.reverse();
        self
    }

    /// What others caused comes in.
    pub(crate) fn hears(&mut self) -> &mut Self {
        self.carry_out();
        while let Some(news) = self.world.news_for(&self.conversation) {
            self.told(news);
        }
        self
    }

    // What the bot shows.

    pub(crate) fn text(&self) -> String {
        plain::text(&self.shown.screen)
    }

    #[track_caller]
    pub(crate) fn shows(&mut self, words: &str) -> &mut Self {
        let text = self.text();
        assert!(text.contains(words), "no “{words}” in:\n{text}");
        self
    }

    #[track_caller]
    pub(crate) fn shows_not(&mut self, words: &str) -> &mut Self {
        let text = self.text();
        assert!(!text.contains(words), "“{words}” in:\n{text}");
        self
    }

    /// A notice of a level.
    #[track_caller]
    pub(crate) fn notes(&mut self, level: Level, words: &str) -> &mut Self {
        let mark = match level {
            Level::Info => "(i)",
            Level::Success => "(ok)",
            Level::Warning => "(!)",
            Level::Error => "(!!)",
        };
        self.shows(&format!("{mark} {words}"))
    }

    #[track_caller]
    pub(crate) fn offers(&mut self, label: &str) -> &mut Self {
        let labels = plain::labels(&self.shown.screen);
        assert!(
            labels.iter().any(|known| known == label),
            "no [{label}] in:\n{}",
            self.text()
        );
        self
    }

    #[track_caller]
    pub(crate) fn offers_not(&mut self, label: &str) -> &mut Self {
        let labels = plain::labels(&self.shown.screen);
        assert!(
            labels.iter().all(|known| known != label),
            "[{label}] in:\n{}",
            self.text()
        );
        self
    }

    /// The token of a control by its label.
    #[track_caller]
    pub(crate) fn token(&self, label: &str) -> Token {
        let labels = plain::labels(&self.shown.screen);
        match labels.iter().position(|known| known == label) {
            Some(index) => self.shown.stamp.token(u32::try_from(index).unwrap()),
            None => panic!("no [{label}] in:\n{}", self.text()),
        }
    }

    // How it works.

    fn event(&mut self, origin: Origin, body: EventBody) -> &mut Self {
        self.turn(origin, body);
        self.hears()
    }

    /// One turn, committed; what it wants waits for [`Chat::carry_out`].
    pub(crate) fn turn(&mut self, origin: Origin, body: EventBody) {
        self.world.clock.advance(Duration::from_millis(1));
        self.events += 1;
        let event = Event {
            id: EventId::new(format!("{}-{}", self.conversation.room, self.events)).unwrap(),
            order: None,
            coalesce: None,
            batch: None,
            origin,
            at: self.world.now(),
            sender: self
                .locale
                .filter(|_| origin == Origin::Person)
                .map(|tag| Sender {
                    locale: Some(tag.to_owned()),
                    ..Sender::default()
                }),
            body,
        };
        let context = Context::new(
            self.conversation.clone(),
            event.id.clone(),
            Sender {
                room: self.conversation.room.to_string(),
                private: !self.crowded,
                ..Sender::default()
            },
            self.world.now(),
            self.world.dialog.catalog().texts(None),
            Arc::clone(self.world.dialog.domain()),
        );
        let session = self.session();
        let generation = self.world.now().micros();
        let turn = run(
            &self.world.dialog,
            &session,
            &event,
            generation,
            context,
            &*self.world,
        );
        let turn = ready(turn).unwrap();
        self.commit(&event.id, turn);
    }

    fn commit(&mut self, event: &EventId, turn: Turn) {
        assert_eq!(
            turn.faults,
            Vec::<String>::new(),
            "definitions keep their word"
        );
        self.stored = turn.session.to_text().unwrap();
        for (ordinal, effect) in turn.effects.into_iter().enumerate() {
            match effect {
                EffectBody::Show(present) => {
                    assert_sound(&present, &turn.session);
                    self.shown = present;
                    let text = self.text();
                    self.transcript.push_str(&format!("\n{text}\n"));
                }
                EffectBody::Answer { text, .. } => self.answers.push(text),
                work @ EffectBody::Work { .. } => {
                    self.work.push((format!("{event}-{ordinal}"), work));
                }
            }
        }
    }

    /// A request that waits to be carried out.
    pub(crate) fn wanted(&self, of: &str) -> Value {
        let mut requests = self.work.iter().filter_map(|(_, effect)| match effect {
            EffectBody::Work { service, request } if service == of => Some(request.clone()),
            _ => None,
        });
        requests.next_back().unwrap()
    }

    /// Does what was committed, in order, until nothing is left to do.
    pub(crate) fn carry_out(&mut self) {
        while !self.slow && !self.work.is_empty() {
            let (key, effect) = self.work.remove(0);
            let EffectBody::Work { service, request } = &effect else {
                continue;
            };
            match self.perform(&key, service, request) {
                Ok(Some(news)) => self.turn(Origin::Internal, EventBody::Background(news)),
                Ok(None) => {}
                Err(ServiceError::Later(_)) => self.later.push((key, effect)),
                Err(error) => panic!("{service} cannot do {request}: {error}"),
            }
        }
    }

    fn perform(
        &mut self,
        key: &str,
        service: &str,
        request: &Value,
    ) -> Result<Option<Background>, ServiceError> {
        let asker = Asker {
            conversation: &self.conversation,
            key,
            now: self.world.now(),
        };
        match service {
            wire::LORAS => ready(self.world.service.loras(&asker, request)),
            wire::RUNS => ready(self.world.service.runs(&asker, request)),
            wire::ACCOUNTS => {
                let random = key
                    .bytes()
                    .enumerate()
                    .fold([7_u8; 5], |mut random, (at, byte)| {
                        random[at % 5] = random[at % 5].wrapping_mul(31).wrapping_add(byte);
                        random
                    });
                ready(self.world.service.accounts(&asker, request, random))
            }
            wire::INTAKE => {
                self.intakes
                    .push(serde_json::from_value(request.clone()).unwrap());
                Ok(None)
            }
            wire::CAPTIONS => Ok(Some(captioned(request).into())),
            wire::PICTURES => Ok(Some(made(request).into())),
            other => panic!("there is no service {other}"),
        }
    }
}

/// What the template captioner writes.
fn captioned(request: &Value) -> Captioned {
    let request: CaptionRequest = serde_json::from_value(request.clone()).unwrap();
    let caption = Caption::parse(&request.class_word).unwrap();
    let captions = request.pictures.iter();
    Captioned {
        lora: request.lora.clone(),
        captions: captions.map(|(slot, _)| (*slot, caption.clone())).collect(),
        problem: String::new(),
    }
}

/// What comes of pictures that are mended or packed.
fn made(request: &Value) -> PictureNews {
    match serde_json::from_value(request.clone()).unwrap() {
        PictureRequest::Mend { lora, image, how } => {
            // Another picture for each way, the same for the same.
            let seed = match how {
                Mend::Turn => 40,
                Mend::Trim => 41,
                Mend::Crop(Part::Start) => 42,
                Mend::Crop(Part::Middle) => 43,
                Mend::Crop(Part::End) => 44,
            };
            let picture = Picture {
                width: 768,
                height: 1_000 + u32::from(seed),
                ..picture("", seed)
            };
            PictureNews::Mended {
                lora,
                image,
                how,
                outcome: Ok(picture),
            }
        }
        PictureRequest::Pack {
            lora,
            name,
            pictures,
        } => PictureNews::Packed {
            lora,
            blob: BlobId::from_digest([99; 32]),
            name: format!("{name}.zip"),
            size: pictures.len() as u64,
        },
    }
}

/// A picture; equal seeds are equal files, and no two seeds look alike.
pub(crate) fn picture(name: &str, seed: u8) -> Picture {
    Picture {
        image: BlobId::from_digest([seed; 32]),
        thumbnail: BlobId::from_digest([seed.wrapping_add(64); 32]),
        original: BlobId::from_digest([seed.wrapping_add(128); 32]),
        dhash: u64::from(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15),
        width: 1_024,
        height: 768,
        name: name.to_owned(),
        warnings: Vec::new(),
    }
}

/// What holds for every screen: all its words are there, its controls mean what the session says, and there is
/// something to do.
fn assert_sound(present: &Present, session: &Session) {
    let text = plain::text(&present.screen);
    assert!(!text.contains('«'), "a message is missing in:\n{text}");
    assert_eq!(present.stamp, session.stamp(), "its tokens are of no use");
    let actions = json!(session)["actions"].clone();
    assert_eq!(json!(present.screen.actions()), actions, "{text}");
    let labels = plain::labels(&present.screen);
    assert!(
        labels.iter().all(|label| !label.trim().is_empty()),
        "{text}"
    );
    assert!(
        !labels.is_empty() || present.screen.prompt.is_some(),
        "nothing to do here:\n{text}"
    );
}
