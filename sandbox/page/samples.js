// Ready-made things to send, drawn and sounded on the spot, so that a
// demonstration needs no files.

const SKIES = [
  ["#f6d9b0", "#e9b98a", "#5f8f7a", "#2f5f58", "#20463f"],
  ["#cfe6ee", "#a9cfdd", "#6fa287", "#3f7a66", "#28564a"],
  ["#e7dcef", "#c9b7da", "#7c93a8", "#4d6b84", "#33506a"],
];

// A village among hills; `which` changes the light.
export async function samplePhoto(which = 0) {
  const [top, bottom, far, middle, near] = SKIES[which % SKIES.length];
  const canvas = document.createElement("canvas");
  canvas.width = 960;
  canvas.height = 640;
  const pen = canvas.getContext("2d");
  const sky = pen.createLinearGradient(0, 0, 0, 460);
  sky.addColorStop(0, bottom);
  sky.addColorStop(1, top);
  pen.fillStyle = sky;
  pen.fillRect(0, 0, 960, 640);
  pen.fillStyle = "rgba(255,255,255,.75)";
  pen.beginPath();
  pen.arc(720 - which * 190, 150, 52, 0, 7);
  pen.fill();
  const ridge = (base, height, step, shift, colour) => {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.moveTo(0, 640);
    for (let x = 0; x <= 960; x += 8) {
      pen.lineTo(x, base - height * Math.sin((x + shift) / step) - height * 0.5 * Math.sin((x + shift) / (step * 0.37)));
    }
    pen.lineTo(960, 640);
    pen.fill();
  };
  ridge(340, 62, 130, 40 + which * 90, far);
  ridge(430, 48, 170, 300 + which * 60, middle);
  ridge(520, 24, 210, 120, near);
  for (const [x, y, size] of [[300, 470, 1], [400, 486, 0.8], [220, 492, 0.7]]) {
    pen.fillStyle = "#f3eee4";
    pen.fillRect(x, y, 74 * size, 48 * size);
    pen.fillStyle = "#4a4540";
    pen.beginPath();
    pen.moveTo(x - 10 * size, y + 3);
    pen.lineTo(x + 37 * size, y - 30 * size);
    pen.lineTo(x + 84 * size, y + 3);
    pen.fill();
    pen.fillStyle = "#e8a94b";
    pen.fillRect(x + 14 * size, y + 16 * size, 14 * size, 14 * size);
    pen.fillStyle = "#7a5b45";
    pen.fillRect(x + 44 * size, y + 18 * size, 16 * size, 30 * size);
  }
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  return new File([blob], `village-${which + 1}.png`, { type: "image/png" });
}

// Two soft tones, as a plain wave file.
export function sampleVoice() {
  const rate = 16000;
  const seconds = 2.4;
  const count = Math.floor(rate * seconds);
  const view = new DataView(new ArrayBuffer(44 + count * 2));
  const write = (at, text) => [...text].forEach((char, n) => view.setUint8(at + n, char.charCodeAt(0)));
  write(0, "RIFF");
  view.setUint32(4, 36 + count * 2, true);
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  write(36, "data");
  view.setUint32(40, count * 2, true);
  for (let n = 0; n < count; n += 1) {
    const at = n / rate;
    const inside = at % 1.2;
    const pitch = at < 1.2 ? 523 : 392;
    const loudness = Math.min(1, inside * 12) * Math.exp(-inside * 3);
    view.setInt16(44 + n * 2, Math.sin(at * pitch * 2 * Math.PI) * loudness * 9000, true);
  }
  return new File([view.buffer], "voice.wav", { type: "audio/wav" });
}

export function sampleFile() {
  const text = "走访记录（样例）\n\n时间：今天上午\n地点：村委会\n在场：网格员、村小教师\n\n老人身体平稳，家里柴米够用；孩子按时到校。\n";
  return new File([text], "走访记录.txt", { type: "text/plain" });
}

export function base64(file) {
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result).split(",", 2)[1] ?? "");
    reader.onerror = () => fail(reader.error);
    reader.readAsDataURL(file);
  });
}
