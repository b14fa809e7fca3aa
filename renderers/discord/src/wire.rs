//! Messages and forms as the platform takes them: small, and serialised in its own words.
//! <https://discord.com/developers/docs/resources/message#create-message>

use lorikeet_chat::{Art, FileBlock, PageToken, Token};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// One message. Serialised it is the body of the call that sends or edits one, as far as the renderer owns it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Payload {
    /// Markdown outside of embeds, at most [`CONTENT`](crate::limits::CONTENT) long: only where a room shows no embeds.
    pub content: String,
    /// The message's text, title and picture.
    pub embeds: Vec<Embed>,
    /// Rows of controls below the message, at most [`ROWS`](crate::limits::ROWS).
    #[serde(rename = "components")]
    pub rows: Vec<Row>,
    /// Pictures to be drawn and put, one under the other, into one attachment of the name [`Embed::PICTURE`].
    #[serde(skip)]
    pub art: Vec<Art>,
    /// This message is a file and nothing else.
    #[serde(skip)]
    pub document: Option<FileBlock>,
    /// The forms that buttons of this message open.
    #[serde(skip)]
    pub modals: Vec<Modal>,
}

/// A card of text. <https://discord.com/developers/docs/resources/message#embed-object>
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Embed {
    /// Markdown of one line, in bold type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The stripe at its side, as `0xRRGGBB`.
    pub color: u32,
    /// Facts, below the description.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<EmbedField>,
    /// A picture, below the facts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// Small print, below everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub footer: Option<Footer>,
}

impl Embed {
    /// The name of the attachment that holds a message's [`Payload::art`].
    pub const PICTURE: &str = "screen.png";
}

/// A fact of an embed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EmbedField {
    /// Markdown of one line; never empty.
    pub name: String,
    /// Markdown; never empty.
    pub value: String,
    /// Whether others may stand beside it.
    pub inline: bool,
}

/// A picture of an embed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Image {
    /// An attachment of the message: `attachment://` and its name.
    pub url: String,
}

/// The small print of an embed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Footer {
    /// Plain text.
    pub text: String,
}

/// A row of controls. <https://discord.com/developers/docs/components/reference#action-row>
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// One to [`PER_ROW`](crate::limits::PER_ROW) buttons.
    Buttons(Vec<Button>),
    /// A choice.
    Select(Select),
}

/// A button. <https://discord.com/developers/docs/components/reference#button>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// What it says: one line of plain text.
    pub label: String,
    /// How it looks; a link looks as links do.
    pub style: Style,
    /// What pressing it does.
    pub does: Does,
}

/// How a button looks. <https://discord.com/developers/docs/components/reference#button-button-styles>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// What most people want here.
    Primary = 1,
    /// One among others.
    Secondary = 2,
    /// It is on, or chosen.
    Success = 3,
    /// It destroys something.
    Danger = 4,
}

/// What pressing a button does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Does {
    /// Presses a control.
    Press(Token),
    /// Turns to a page of the screen. Where that is a [`Page::Field`](lorikeet_chat::Page::Field), it is answered with the form
    /// of this name out of [`Payload::modals`] instead, wherever a form can be the answer.
    Turn(PageToken),
    /// Opens an absolute `http` or `https` address.
    Open(String),
    /// Nothing: it cannot be pressed, and says where one is.
    Nothing,
}

impl Does {
    /// What a button that does nothing carries, because every button has to carry something of its own. No token.
    pub const NOTHING: &str = "nothing";
}

/// A choice: picking an option presses its control. <https://discord.com/developers/docs/components/reference#string-select>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Select {
    /// [`Select::PREFIX`], its number among the screen's choices from 0 and its screen: never a token. It is another on the next
    /// screen, because an option that was picked once is still picked wherever the choice has the same name.
    pub custom_id: String,
    /// What it says while nothing is chosen: one line of plain text.
    pub placeholder: Option<String>,
    /// One to [`OPTIONS`](crate::limits::OPTIONS) options, at most one of them chosen.
    pub options: Vec<SelectOption>,
}

impl Select {
    /// What the name of every choice begins with.
    pub const PREFIX: &str = "select:";
}

/// An option of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SelectOption {
    /// What it says: one line of plain text.
    pub label: String,
    /// The control that picking it presses.
    pub value: Token,
    /// A second line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it is chosen now.
    pub default: bool,
}

/// A form over the screen. <https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-modal>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modal {
    /// What the button that opens it carries, and what comes back with the values.
    pub custom_id: PageToken,
    /// What it is for: one line of plain text.
    pub title: String,
    /// One to [`INPUTS`](crate::limits::INPUTS) fields.
    pub inputs: Vec<Input>,
}

/// A field of a form. <https://discord.com/developers/docs/components/reference#text-input>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its place among the fields of the screen's form from 0, in decimal digits where it is sent; 0 for a prompt's only one.
    pub custom_id: u32,
    /// What it is called: one line of plain text.
    pub label: String,
    /// Whether several lines make sense.
    pub paragraph: bool,
    /// What is there now: all of it, or nothing.
    pub value: Option<String>,
    /// What it says while it is empty.
    pub placeholder: Option<String>,
    /// Characters that can be typed, 1 to [`INPUT`](crate::limits::INPUT). None have to be.
    pub max_length: u32,
}

/// A component with its type's number first.
fn component<S: Serializer>(serializer: S, number: u8) -> Result<S::SerializeStruct, S::Error> {
    let mut component = serializer.serialize_struct("Component", 8)?;
    component.serialize_field("type", &number)?;
    Ok(component)
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = component(serializer, 1)?;
        match self {
            Self::Buttons(buttons) => row.serialize_field("components", buttons)?,
            Self::Select(select) => row.serialize_field("components", &[select])?,
        }
        row.end()
    }
}

impl Serialize for Button {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut button = component(serializer, 2)?;
        button.serialize_field("label", &self.label)?;
        let style = match self.does {
            Does::Open(_) => 5,
            Does::Press(_) | Does::Turn(_) | Does::Nothing => self.style as u8,
        };
        button.serialize_field("style", &style)?;
        match &self.does {
            Does::Press(token) => button.serialize_field("custom_id", token)?,
            Does::Turn(token) => button.serialize_field("custom_id", token)?,
            Does::Open(address) => button.serialize_field("url", address)?,
            Does::Nothing => {
                button.serialize_field("custom_id", Does::NOTHING)?;
                button.serialize_field("disabled", &true)?;
            }
        }
        button.end()
    }
}

impl Serialize for Select {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut select = component(serializer, 3)?;
        select.serialize_field("custom_id", &self.custom_id)?;
        select.serialize_field("options", &self.options)?;
        if let Some(placeholder) = &self.placeholder {
            select.serialize_field("placeholder", placeholder)?;
        }
        select.serialize_field("min_values", &1)?;
        select.serialize_field("max_values", &1)?;
        select.end()
    }
}

impl Serialize for Modal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut modal = serializer.serialize_struct("Modal", 3)?;
        modal.serialize_field("custom_id", &self.custom_id)?;
        modal.serialize_field("title", &self.title)?;
        let rows: Vec<InputRow<'_>> = self.inputs.iter().map(InputRow).collect();
        modal.serialize_field("components", &rows)?;
        modal.end()
    }
}

/// A row with a form's field in it.
struct InputRow<'a>(&'a Input);

impl Serialize for InputRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = component(serializer, 1)?;
        row.serialize_field("components", &[self.0])?;
        row.end()
    }
}

impl Serialize for Input {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut input = component(serializer, 4)?;
        input.serialize_field("custom_id", &self.custom_id.to_string())?;
        input.serialize_field("label", &self.label)?;
        input.serialize_field("style", if self.paragraph { &2 } else { &1 })?;
        if let Some(value) = &self.value {
            input.serialize_field("value", value)?;
        }
        if let Some(placeholder) = &self.placeholder {
            input.serialize_field("placeholder", placeholder)?;
        }
        input.serialize_field("min_length", &0)?;
        input.serialize_field("max_length", &self.max_length)?;
        input.serialize_field("required", &false)?;
        input.end()
    }
}
