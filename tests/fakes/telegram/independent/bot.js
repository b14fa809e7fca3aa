// A small menu bot on grammY, which knows nothing of Lorikeet: if it gets along with the fake, so should others.
//
//   node bot.js polling|webhook    with API_ROOT and TOKEN in the environment, and NODE_PATH where grammY lies
//
// Prints `ready` when updates may come.

const http = require("node:http");
const { Bot, GrammyError, InlineKeyboard, InputFile, InputMediaBuilder, webhookCallback } = require("grammy");

const { API_ROOT, TOKEN } = process.env;
const mode = process.argv[2];

const bot = new Bot(TOKEN, {
  client: {
    apiRoot: API_ROOT,
    // In webhook mode, answers to presses travel in the reply to the delivery.
    canUseWebhookReply: (method) => mode === "webhook" && method === "answerCallbackQuery",
  },
});

const menu = () => new InlineKeyboard().text("More", "more").text("Quiet", "quiet").row()
  .url("Help", "https://example.com/help");

bot.command("start", (ctx) =>
  ctx.reply(`<b>Hello</b> ${ctx.from.first_name}, you came by &quot;${ctx.match}&quot;`, {
    parse_mode: "HTML",
    reply_markup: menu(),
  }));

bot.callbackQuery("more", async (ctx) => {
  await ctx.answerCallbackQuery({ text: "Here is more" });
  await ctx.editMessageText("More of it", { reply_markup: new InlineKeyboard().text("Back", "back") });
});
bot.callbackQuery("back", async (ctx) => {
  await ctx.answerCallbackQuery();
  await ctx.editMessageText("The menu", { reply_markup: menu() });
});
bot.callbackQuery("quiet", (ctx) => ctx.answerCallbackQuery({ text: "Shh", show_alert: true }));

// What the server refuses, in its own words.
bot.command("wrong", async (ctx) => {
  try {
    await ctx.reply("<blink>x</blink>", { parse_mode: "HTML" });
  } catch (error) {
    if (!(error instanceof GrammyError)) throw error;
    await ctx.reply(`${error.error_code} ${error.description}`);
  }
});

const fetched = async (ctx, file) => {
  const { file_path: path } = await ctx.api.getFile(file);
  const answer = await fetch(`${API_ROOT}/file/bot${TOKEN}/${path}`);
  if (!answer.ok) throw new Error(`the file: ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
};

// Parts of an album, by its id.
const albums = new Map();

bot.on("message:photo", async (ctx) => {
  const largest = ctx.message.photo.at(-1);
  const album = ctx.message.media_group_id;
  if (album === undefined) {
    await ctx.replyWithChatAction("upload_photo");
    const bytes = await fetched(ctx, largest.file_id);
    await ctx.replyWithDocument(new InputFile(bytes, "echo.jpg"), { caption: `${largest.width} wide` });
    await ctx.replyWithPhoto(new InputFile(bytes, "echo.jpg"), { reply_parameters: { message_id: ctx.msgId } });
    return;
  }
  const parts = albums.get(album) ?? [];
  albums.set(album, parts.concat(largest.file_id));
  if (albums.get(album).length === 2) {
    const [first, second] = albums.get(album);
    // One by its id, one uploaded anew.
    const bytes = await fetched(ctx, second);
    await ctx.replyWithMediaGroup([
      InputMediaBuilder.photo(first, { caption: "Both" }),
      InputMediaBuilder.photo(new InputFile(bytes, "second.jpg")),
    ]);
  }
});

bot.on("edited_message:text", (ctx) => ctx.reply(`You meant: ${ctx.editedMessage.text}`));
bot.on("my_chat_member", (ctx) => console.log(`standing ${ctx.myChatMember.new_chat_member.status}`));

bot.catch(({ error }) => {
  console.error(error);
  process.exit(1);
});

(async () => {
  await bot.api.setMyCommands([{ command: "start", description: "Begins" }, { command: "wrong", description: "Fails" }]);
  await bot.api.setMyCommands([{ command: "start", description: "Beginnt" }], { language_code: "de" });
  if (mode === "polling") {
    await bot.start({ onStart: () => console.log("ready") });
    return;
  }
  const secret = "a_Secret-1";
  const server = http.createServer(webhookCallback(bot, "http", { secretToken: secret }));
  server.listen(0, "127.0.0.1", async () => {
    await bot.api.setWebhook(`http://127.0.0.1:${server.address().port}/hook`, { secret_token: secret });
    console.log("ready");
  });
})();
