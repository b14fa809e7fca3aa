// A small bot on discord.js, which knows nothing of Lorikeet: if it gets along with the fake, so should others.
//
//   node bot.js    with API_ROOT and TOKEN in the environment, and NODE_PATH where discord.js lies
//
// Prints `ready` when events may come, `resumed` when its session went on, `limited` when it waited for a rate.

const {
  ActionRowBuilder, AttachmentBuilder, ButtonBuilder, ButtonStyle, Client, DiscordAPIError, EmbedBuilder, Events,
  GatewayIntentBits, MessageFlags, ModalBuilder, Partials, SlashCommandBuilder, StringSelectMenuBuilder,
  TextInputBuilder, TextInputStyle,
} = require("discord.js");

const { API_ROOT, TOKEN } = process.env;

const client = new Client({
  intents: [GatewayIntentBits.DirectMessages],
  partials: [Partials.Channel],
  rest: { api: `${API_ROOT}/api` },
});

const row = (...components) => new ActionRowBuilder().addComponents(...components);
const button = (id, label) => new ButtonBuilder().setCustomId(id).setLabel(label).setStyle(ButtonStyle.Secondary);
const menu = () => [
  row(button("more", "More"), button("ask", "Ask"), button("quiet", "Quiet")),
  row(new StringSelectMenuBuilder().setCustomId("bird").addOptions(
    { label: "Kea", value: "kea" }, { label: "Tui", value: "tui" },
  )),
];

const commands = {
  async hello(interaction) {
    const embed = new EmbedBuilder().setTitle("Hello").setDescription(`You are ${interaction.options.getString("name")}`);
    await interaction.reply({ embeds: [embed], components: menu() });
  },
  async echo(interaction) {
    await interaction.deferReply();
    const file = interaction.options.getAttachment("file");
    const answer = await fetch(file.url);
    if (!answer.ok) throw new Error(`the file: ${answer.status}`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const made = await interaction.editReply({ content: "Here", files: [new AttachmentBuilder(bytes, { name: file.name })] });
    await interaction.followUp({ content: `${made.attachments.size} file`, flags: MessageFlags.Ephemeral });
  },
  // What the server refuses, in its own words.
  async wrong(interaction) {
    const said = [];
    const tried = async (call) => {
      try {
        await call();
        said.push("taken");
      } catch (error) {
        if (!(error instanceof DiscordAPIError)) throw error;
        said.push(`${error.status} ${error.code}`);
      }
    };
    await interaction.deferReply();
    await tried(() => client.rest.post(`/interactions/${interaction.id}/${interaction.token}/callback`, { body: { type: 4, data: { content: "again" } } }));
    await tried(() => interaction.followUp({ content: "x".repeat(2001) }));
    await tried(() => interaction.followUp({ components: [row(button("same", "1"), button("same", "2"))] }));
    await tried(() => client.rest.get("/channels/12/messages"));
    await interaction.editReply(said.join(", "));
  },
  async flood(interaction) {
    await interaction.reply("Now");
    for (let number = 1; number <= 7; number += 1) await interaction.channel.send(`Message ${number}`);
  },
};

client.on(Events.InteractionCreate, async (interaction) => {
  try {
    if (interaction.isAutocomplete()) {
      const typed = interaction.options.getFocused();
      await interaction.respond(["Kea", "Kaka"].filter((name) => name.startsWith(typed)).map((name) => ({ name, value: name })));
    } else if (interaction.isChatInputCommand()) {
      await commands[interaction.commandName](interaction);
    } else if (interaction.isModalSubmit()) {
      await interaction.update({ content: `You said ${interaction.fields.getTextInputValue("what")}`, embeds: [], components: [] });
    } else if (interaction.isStringSelectMenu()) {
      await interaction.update({ content: `A ${interaction.values[0]}`, embeds: [] });
    } else if (interaction.customId === "more") {
      await interaction.deferUpdate();
      await interaction.editReply({ content: "More of it", embeds: [] });
    } else if (interaction.customId === "ask") {
      const input = new TextInputBuilder().setCustomId("what").setLabel("What").setStyle(TextInputStyle.Short);
      await interaction.showModal(new ModalBuilder().setCustomId("asked").setTitle("Say it").addComponents(row(input)));
    } else {
      await interaction.reply({ content: "Shh", flags: MessageFlags.Ephemeral });
    }
  } catch (error) {
    console.error(error);
  }
});

client.on(Events.MessageCreate, async (message) => {
  if (message.author.bot) return;
  const names = message.attachments.map((file) => `${file.name} ${file.size}`);
  await message.channel.send({ content: `${message.author.globalName}: ${message.content} ${names.join(" ")}`, nonce: "once", enforceNonce: true });
});

client.rest.on("rateLimited", () => console.log("limited"));
client.on(Events.ShardResume, () => console.log("resumed"));
client.on(Events.ClientReady, async () => {
  await client.application.commands.set([
    new SlashCommandBuilder().setName("hello").setDescription("Says hello")
      .addStringOption((option) => option.setName("name").setDescription("Whom to").setRequired(true).setAutocomplete(true)),
    new SlashCommandBuilder().setName("echo").setDescription("Gives a file back")
      .addAttachmentOption((option) => option.setName("file").setDescription("It").setRequired(true)),
    new SlashCommandBuilder().setName("wrong").setDescription("Does what is refused"),
    new SlashCommandBuilder().setName("flood").setDescription("Says much"),
  ]);
  console.log("ready");
});

client.login(TOKEN);
