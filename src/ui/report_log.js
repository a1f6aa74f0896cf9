'use strict';
/* The report's script, part 2: logs. Colour codes become classes; html_text.c has taken away all other codes. */

/* The colour that is nearest to a red, green and blue: one of the eight, or null when it is nearly grey. */
function nearest(red, green, blue) {
    const high = Math.max(red, green, blue);
    if (high - Math.min(red, green, blue) < 48) return null;
    const middle = high * 0.6;
    return (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0);
}

/* One of 256 colours as one of the eight. */
function nearest256(number) {
    if (number < 16) return number % 8;
    if (number > 231) return null;
    const part = (n) => [0, 95, 135, 175, 215, 255][n % 6];
    const at = number - 16;
    return nearest(part(Math.floor(at / 36)), part(Math.floor(at / 6)), part(at));
}

/* Applies the numbers of one colour code to a style. */
function applyCode(numbers, style) {
    for (let i = 0; i < numbers.length; i++) {
        const n = numbers[i];
        if (n === 0) Object.assign(style, {color: null, bold: false, dim: false, italic: false, line: false});
        else if (n === 1) style.bold = true;
        else if (n === 2) style.dim = true;
        else if (n === 3) style.italic = true;
        else if (n === 4) style.line = true;
        else if (n === 22) { style.bold = false; style.dim = false; }
        else if (n === 23) style.italic = false;
        else if (n === 24) style.line = false;
        else if (n >= 30 && n <= 37) style.color = n - 30;
        else if (n >= 90 && n <= 97) style.color = n - 90;
        else if (n === 39) style.color = null;
        else if ((n === 38 || n === 48) && (numbers[i + 1] === 5 || numbers[i + 1] === 2)) {
            const few = numbers[i + 1] === 5;
            if (n === 38) style.color = few ? nearest256(numbers[i + 2]) : nearest(...numbers.slice(i + 2, i + 5));
            i += few ? 2 : 4;
        }
    }
}

/* The classes of a style. */
function styleClass(style) {
    const names = [];
    if (style.color !== null) names.push(`c${style.color}`);
    ['bold', 'dim', 'italic', 'line'].forEach((name) => { if (style[name]) names.push(name); });
    return names.join(' ');
}

/* Text with colour codes as nodes. */
function colored(text) {
    const nodes = document.createDocumentFragment();
    const style = {color: null, bold: false, dim: false, italic: false, line: false};
    // eslint-disable-next-line no-control-regex
    const parts = text.split(/\u001b\[([0-9;:]*)[^m]*m/);
    parts.forEach((part, at) => {
        if (at % 2 === 1) {
            applyCode(part === '' ? [0] : part.split(/[;:]/).map(Number), style);
            return;
        }
        const names = styleClass(style);
        if (part) nodes.append(names ? make('span', {class: names}, part) : part);
    });
    return nodes;
}

/* Where all of a text is: the command that prints it, and its file. Of a run that was not to be recorded neither stays. */
function whereAll(path, command) {
    if (!command) return '';
    return path ? make('span', {}, 'All of it: ', make('code', {}, command), ' or ', make('code', {}, path), '.')
        : make('span', {}, 'All of it: ', make('code', {}, command), '.');
}

/* A log with its name; `command` prints all of it, or is null; `log` is [text or null, bytes in all, whether its beginning was never kept, its file]. */
function logBlock(name, log, command) {
    if (!log) return null;
    const [text, bytes, cut, path] = log;
    const lines = text === null ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    const facts = text === null ? size(bytes) : `${grouped(lines)} ${lines === 1 ? 'line' : 'lines'}, ${size(bytes)}`;
    const block = make('details', {class: 'stream'}, make('summary', {}, name, ' ', make('span', {class: 'quiet'}, facts)));
    block.open = text !== null && bytes > 0 && lines <= 200;
    if (text === null) {
        block.append(make('p', {class: 'quiet'}, 'It is too large for this page, or gone. ', whereAll(path, command)));
        return block;
    }
    const part = bytes > 65536 || cut;
    if (part)
        block.append(make('p', {class: 'quiet'}, cut ? 'Only its end was recorded, and the end of that is shown. '
            : `The last 64 KiB of ${size(bytes)} are shown. `, whereAll(path, command)));
    block.append(make('pre', {class: 'log', tabindex: '0', role: 'region', 'aria-label': name}, colored(text)));
    return block;
}
