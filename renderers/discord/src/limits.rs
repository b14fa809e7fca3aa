//! What the platform takes, as of API version 10 in August 2026. Marked (C): known from experience, not from the
//! documentation. Lengths of text count characters; which ones is not said, so here they count UTF-16 units, the most that
//! anybody's characters are.

/// Length of a message's plain text. <https://discord.com/developers/docs/resources/message#create-message>
pub const CONTENT: u32 = 2_000;
/// Length of an embed's title, markup included. <https://discord.com/developers/docs/resources/message#embed-object-embed-limits>
pub const TITLE: usize = 256;
/// Length of an embed's description, markup included. <https://discord.com/developers/docs/resources/message#embed-object-embed-limits>
pub const DESCRIPTION: usize = 4_096;
/// Fields of an embed. <https://discord.com/developers/docs/resources/message#embed-object-embed-limits>
pub const FIELDS: usize = 25;
/// Length of a field's name, markup included. <https://discord.com/developers/docs/resources/message#embed-object-embed-limits>
pub const FIELD_NAME: usize = 256;
/// Length of a field's value, markup included. <https://discord.com/developers/docs/resources/message#embed-object-embed-limits>
pub const FIELD_VALUE: usize = 1_024;
/// Length of an embed's footer. <https://discord.com/developers/docs/resources/message#embed-object-embed-limits>
pub const FOOTER: usize = 2_048;
/// Embeds of a message. <https://discord.com/developers/docs/resources/message#create-message>
pub const EMBEDS: usize = 10;
/// Length of all text in the embeds of a message. <https://discord.com/developers/docs/resources/message#embed-object-embed-limits>
pub const MESSAGE: u32 = 6_000;
/// Rows of controls below a message. <https://discord.com/developers/docs/components/reference#legacy-message-component-behavior>
pub const ROWS: usize = 5;
/// Buttons of a row; a choice takes a row of its own. <https://discord.com/developers/docs/components/reference#action-row>
pub const PER_ROW: u32 = 5;
/// Buttons below a message: as many as fill its rows.
pub const BUTTONS: u32 = PER_ROW * ROWS as u32;
/// Length of what a button says. <https://discord.com/developers/docs/components/reference#button>
pub const LABEL: u32 = 80;
/// Length of an address on a button. <https://discord.com/developers/docs/components/reference#button>
pub const ADDRESS: usize = 512;
/// Length of what a control carries. <https://discord.com/developers/docs/components/reference#anatomy-of-a-component>
pub const CUSTOM_ID: usize = 100;
/// Options of a choice. <https://discord.com/developers/docs/components/reference#string-select>
pub const OPTIONS: u32 = 25;
/// Length of an option's label, of its value and of its second line. <https://discord.com/developers/docs/components/reference#string-select>
pub const OPTION: usize = 100;
/// Length of what a choice says while nothing is chosen. <https://discord.com/developers/docs/components/reference#string-select>
pub const CHOICE: usize = 150;
/// Length of a form's title. <https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-modal>
pub const MODAL_TITLE: usize = 45;
/// Fields of a form. <https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-modal>
pub const INPUTS: usize = 5;
/// Length of what a form's field is called. <https://discord.com/developers/docs/components/reference#text-input>
pub const INPUT_LABEL: usize = 45;
/// Length of what an empty field of a form says. <https://discord.com/developers/docs/components/reference#text-input>
pub const PLACEHOLDER: usize = 100;
/// Length of what can be typed into a field of a form. <https://discord.com/developers/docs/components/reference#text-input>
pub const INPUT: u32 = 4_000;
/// Seconds away from 1970, to either side, that the platform writes as a time (C): those of a date in JavaScript.
/// <https://discord.com/developers/docs/reference#message-formatting-timestamp-styles>
pub const SECONDS: u64 = 8_640_000_000_000;
/// Bytes of a file that everybody may send in a server of the highest level; with a subscription of their own people may send
/// more. <https://support.discord.com/hc/en-us/articles/360028038352-Server-Boosting-FAQ>
pub const DOWNLOAD: u64 = 100 << 20;
/// Bytes of a file a bot may send where nothing else is said (`attachment_size_limit` of an interaction says more of a
/// place). <https://discord.com/developers/docs/reference#uploading-files>
pub const UPLOAD: u64 = 10 << 20;
/// Files of a message (C). <https://discord.com/developers/docs/resources/message#create-message>
pub const ATTACHMENTS: u32 = 10;
/// Edits of a message a minute (C): half of the five in five seconds that the rate limit's headers have been saying.
/// <https://discord.com/developers/docs/topics/rate-limits#header-format>
pub const EDITS_PER_MINUTE: u32 = 30;
