// The page's own words. What the bot says is shown as it says it.

import { memory } from "./dom.js";

const WORDS = {
  zh: {
    title: "联席 · 演练台",
    brand: "联席",
    brandSub: "演练台",
    skip: "跳到输入框",
    language: "界面语言",
    theme: "明暗：{mode}",
    themeAuto: "跟随系统",
    themeLight: "浅色",
    themeDark: "深色",
    clock: "演练时间",
    clockTen: "+10 分钟",
    clockHour: "+1 小时",
    clockDay: "+1 天",
    clockNext: "到下一个提醒",
    clockNextAt: "下一个提醒：{when}",
    clockNone: "眼下没有要到的提醒",
    clockMoved: "时间已到 {when}",
    people: "人物",
    peopleAdd: "添加人物",
    peopleSearch: "查找姓名或身份",
    peopleEmpty: "还没有人物",
    peopleEmptyHint: "请您点“＋”，请第一位进来。",
    peopleNone: "没有找到这位",
    personName: "姓名",
    personNameHint: "例如：向春兰",
    personRole: "身份（可不填）",
    personRoleHint: "例如：村小教师",
    personLanguage: "Telegram 语言",
    add: "添加",
    cancel: "取消",
    close: "关闭",
    ok: "知道了",
    send: "发送",
    unread: "{count} 条未读",
    pickTitle: "请您选一位",
    pickHint: "选好人物，就能以这个人的身份和机器人说话；每个人看到的，都只是自己那一份。",
    noBotTitle: "机器人还没有连上来",
    noBotHint: "它一开口，这里就会亮起来，请您稍候。",
    emptyTitle: "还没有说过话",
    emptyHint: "您点“开始”，就可以和{bot}说话了。",
    groupEmptyHint: "这个群里还很安静。",
    start: "开始",
    back: "返回人物列表",
    youAre: "您现在是",
    chooseChat: "选择对话",
    more: "更多",
    block: "停用机器人（拉黑）",
    unblock: "重新启用机器人",
    blocked: "已停用机器人",
    deactivated: "账号已注销",
    deactivate: "注销这个账号",
    reactivate: "恢复这个账号",
    messages: "消息",
    edited: "已修改",
    newBelow: "新消息",
    reply: "回复",
    edit: "修改",
    replyingTo: "回复：",
    editing: "修改这条消息",
    stop: "不用了",
    composer: "写一句话",
    placeholder: "写一句话…",
    attach: "附件",
    commands: "命令",
    keyboard: "显示或收起按钮",
    photo: "照片",
    video: "视频",
    document: "文件",
    voice: "语音",
    audio: "音频",
    animation: "动图",
    video_note: "视频留言",
    sticker: "贴纸",
    location: "位置",
    venue: "地点",
    contact: "名片",
    album: "相册",
    poll: "投票",
    dice: "骰子",
    unknown: "消息",
    service: "群里有变动",
    service_group_chat_created: "群建好了",
    service_new_chat_members: "有新成员进群",
    service_left_chat_member: "有成员离开",
    service_migrate_to_chat_id: "本群已升级为超级群",
    service_migrate_from_chat_id: "本群由普通群升级而来",
    samples: "现成的样例",
    samplePhoto: "一张照片",
    sampleVoice: "一段语音",
    sampleVideo: "一段视频",
    sampleFile: "一份文件",
    sampleAlbum: "三张相册",
    caption: "说明（可不填）",
    sendFiles: "发送{kind}",
    sendFilesMany: "发送 {count} 份",
    tooLarge: "“{name}”超过 20 MB，请您换一个小一点的。",
    readFailed: "“{name}”读不出来，请您再试一次。",
    locationTitle: "发送位置",
    latitude: "纬度",
    longitude: "经度",
    locationBad: "请您填写正确的经纬度。",
    contactTitle: "发送自己的号码",
    phone: "手机号码",
    phoneHint: "例如：13800000000",
    shareContact: "机器人请您提供手机号码",
    shareLocation: "机器人请您提供所在位置",
    play: "播放",
    pause: "暂停",
    noSound: "这段声音在演练里没有内容",
    download: "下载 {name}",
    spoiler: "遮住的文字，点一下就能看到",
    opens: "在新窗口打开",
    notHere: "“{text}”这种按钮，演练台里点不了。",
    answer: "机器人的回答",
    typing: "正在输入…",
    botSaid: "{bot}：{text}",
    personSaid: "{name}：{text}",
    engine: "引擎",
    engineOpen: "打开引擎面板",
    engineClose: "收起引擎面板",
    engineWiden: "加宽或收窄",
    engineEmpty: "引擎里还没有内容",
    engineEmptyHint: "有人开口之后，这里会看到它记下了什么。",
    ledger: "调用",
    ledgerEmpty: "还没有调用",
    ledgerEmptyHint: "机器人发出的每一次调用，都会如实记在这里。",
    shownOf: "共 {total} 条，列出 {shown} 条",
    total: "{total} 条",
    nothing: "暂无",
    delivered: "送达",
    refused: "被拒",
    answer_lost: "回执丢失",
    offline: "连接断开了，正在为您重新连接…",
    noServer: "连不上演练服务，请您看看它是否还在运行。",
    statusError: "演练服务回答：{status}",
    zoom: "查看照片",
  },
  en: {
    title: "Lianxi · rehearsal desk",
    brand: "Lianxi",
    brandSub: "rehearsal desk",
    skip: "Skip to the composer",
    language: "Interface language",
    theme: "Appearance: {mode}",
    themeAuto: "system",
    themeLight: "light",
    themeDark: "dark",
    clock: "Rehearsal time",
    clockTen: "+10 min",
    clockHour: "+1 hour",
    clockDay: "+1 day",
    clockNext: "Next reminder",
    clockNextAt: "Next reminder: {when}",
    clockNone: "No reminder is due",
    clockMoved: "It is now {when}",
    people: "People",
    peopleAdd: "Add a person",
    peopleSearch: "Find a name or role",
    peopleEmpty: "Nobody is here yet",
    peopleEmptyHint: "Press “+” to let the first person in.",
    peopleNone: "Nobody by that name",
    personName: "Name",
    personNameHint: "e.g. 向春兰",
    personRole: "Role (optional)",
    personRoleHint: "e.g. village teacher",
    personLanguage: "Telegram language",
    add: "Add",
    cancel: "Cancel",
    close: "Close",
    ok: "OK",
    send: "Send",
    unread: "{count} unread",
    pickTitle: "Please choose a person",
    pickHint: "You will speak with the bot as that person. Everyone sees only their own messages.",
    noBotTitle: "The bot has not connected yet",
    noBotHint: "This page wakes up as soon as it does.",
    emptyTitle: "Nothing said yet",
    emptyHint: "Press “Start” to speak with {bot}.",
    groupEmptyHint: "This group is still quiet.",
    start: "Start",
    back: "Back to people",
    youAre: "You are",
    chooseChat: "Choose a chat",
    more: "More",
    block: "Stop the bot (block)",
    unblock: "Restart the bot",
    blocked: "Bot stopped",
    deactivated: "Account deleted",
    deactivate: "Delete this account",
    reactivate: "Restore this account",
    messages: "Messages",
    edited: "edited",
    newBelow: "New messages",
    reply: "Reply",
    edit: "Edit",
    replyingTo: "Reply to: ",
    editing: "Edit this message",
    stop: "Never mind",
    composer: "Write a message",
    placeholder: "Write a message…",
    attach: "Attach",
    commands: "Commands",
    keyboard: "Show or hide the buttons",
    photo: "Photo",
    video: "Video",
    document: "File",
    voice: "Voice",
    audio: "Audio",
    animation: "Animation",
    video_note: "Video note",
    sticker: "Sticker",
    location: "Location",
    venue: "Venue",
    contact: "Contact",
    album: "Album",
    poll: "Poll",
    dice: "Dice",
    unknown: "Message",
    service: "Something changed in the group",
    service_group_chat_created: "The group was created",
    service_new_chat_members: "Somebody joined the group",
    service_left_chat_member: "Somebody left the group",
    service_migrate_to_chat_id: "The group became a supergroup",
    service_migrate_from_chat_id: "Upgraded from a basic group",
    samples: "Ready-made samples",
    samplePhoto: "A photo",
    sampleVoice: "A voice note",
    sampleVideo: "A video",
    sampleFile: "A file",
    sampleAlbum: "Album of three",
    caption: "Caption (optional)",
    sendFiles: "Send: {kind}",
    sendFilesMany: "Send {count} items",
    tooLarge: "“{name}” is larger than 20 MB. Please choose a smaller one.",
    readFailed: "“{name}” could not be read. Please try again.",
    locationTitle: "Send a location",
    latitude: "Latitude",
    longitude: "Longitude",
    locationBad: "Please enter a valid latitude and longitude.",
    contactTitle: "Send your own number",
    phone: "Phone number",
    phoneHint: "e.g. 13800000000",
    shareContact: "The bot asks for your phone number",
    shareLocation: "The bot asks for your location",
    play: "Play",
    pause: "Pause",
    noSound: "This sound has no content in the rehearsal",
    download: "Download {name}",
    spoiler: "Hidden text, press to reveal",
    opens: "opens in a new window",
    notHere: "Buttons like “{text}” cannot be pressed here.",
    answer: "The bot answers",
    typing: "typing…",
    botSaid: "{bot}: {text}",
    personSaid: "{name}: {text}",
    engine: "Engine",
    engineOpen: "Open the engine panel",
    engineClose: "Close the engine panel",
    engineWiden: "Widen or narrow",
    engineEmpty: "The engine holds nothing yet",
    engineEmptyHint: "Once somebody speaks, you see here what it keeps.",
    ledger: "Calls",
    ledgerEmpty: "No calls yet",
    ledgerEmptyHint: "Every call the bot makes is recorded here.",
    shownOf: "{shown} of {total}",
    total: "{total}",
    nothing: "none",
    delivered: "delivered",
    refused: "refused",
    answer_lost: "answer lost",
    offline: "Connection lost, reconnecting…",
    noServer: "The rehearsal server cannot be reached. Is it still running?",
    statusError: "The rehearsal server answered {status}",
    zoom: "View the photo",
  },
};

let current = memory.get("language") === "en" ? "en" : "zh";

export function language() {
  return current;
}

export function setLanguage(next) {
  current = next === "en" ? "en" : "zh";
  memory.set("language", current);
  document.documentElement.lang = current === "en" ? "en" : "zh-CN";
  document.title = t("title");
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = t(node.dataset.word);
}

export function t(key, values = {}) {
  const pattern = WORDS[current][key] ?? key;
  return pattern.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

export function has(key) {
  return key in WORDS[current];
}

// Everything on the page is Beijing time, wherever the browser happens to be.
const ZONE = "Asia/Shanghai";
const formats = new Map();

function parts(date) {
  let format = formats.get(current);
  if (!format) {
    format = new Intl.DateTimeFormat(current === "en" ? "en-GB" : "zh-CN", {
      timeZone: ZONE,
      year: "numeric",
      month: current === "en" ? "short" : "numeric",
      day: "numeric",
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    });
    formats.set(current, format);
  }
  return Object.fromEntries(format.formatToParts(date).map((part) => [part.type, part.value]));
}

export function hourMinute(date) {
  const p = parts(date);
  return `${p.hour}:${p.minute}`;
}

export function hourMinuteSecond(date) {
  const p = parts(date);
  return `${p.hour}:${p.minute}:${p.second}`;
}

export function day(date, reference) {
  const p = parts(date);
  const year = reference && parts(reference).year !== p.year;
  if (current === "en") return `${p.weekday}, ${p.day} ${p.month}${year ? ` ${p.year}` : ""}`;
  return `${year ? `${p.year}年` : ""}${p.month}月${p.day}日（${p.weekday}）`;
}

export function dayKey(date) {
  const p = parts(date);
  return `${p.year}-${p.month}-${p.day}`;
}

export function shortDay(date) {
  const p = parts(date);
  return current === "en" ? `${p.day} ${p.month}` : `${p.month}月${p.day}日`;
}

export function moment(date) {
  return `${shortDay(date)} ${hourMinute(date)}`;
}

export function bytes(count) {
  if (!Number.isFinite(count)) return "";
  if (count < 1024) return `${count} B`;
  if (count < 1024 * 1024) return `${(count / 1024).toFixed(count < 10240 ? 1 : 0)} KB`;
  return `${(count / 1024 / 1024).toFixed(1)} MB`;
}
