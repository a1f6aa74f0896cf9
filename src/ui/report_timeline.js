'use strict';
/* The report's script, part 5: the timeline. A row for each step, what is inside of a group below it; groups can be folded.
   Rows are added as one scrolls. */

const BARS = 150;
const FOLD_ABOVE = 40;

/* A step between marks of time that makes few of them: 1, 2 or 5 times a power of ten, or parts of minutes and hours. */
function tick(us, most) {
    const steps = [];
    for (let power = 1e3; power <= 1e7; power *= 10) steps.push(power, 2 * power, 5 * power);
    steps.push(3e7, 6e7, 12e7, 3e8, 6e8, 18e8, 36e8, 72e8, 216e8, 432e8, 864e8, 6048e8);
    return steps.find((step) => us / step <= most) || us;
}

class Timeline {
    constructor(record, place) {
        this.record = record;
        this.us = Math.max(1, record.us);
        record.steps.forEach((step) => { this.us = Math.max(this.us, step.ended || 0); });
        this.folded = new Set(record.steps.filter((step) => step.children.length > FOLD_ABOVE).map((step) => step.index));
        this.zoom = 1;
        this.build(place);
        this.update();
    }

    /* Makes what stays: buttons, legend, axis, the place of rows. */
    build(place) {
        const button = (text, label, press) => make('button', {type: 'button', class: 'chip', 'aria-label': label, title: label, onclick: press}, text);
        this.list = make('ol', {class: 'bars'});
        this.axis = make('div', {class: 'axis', 'aria-hidden': 'true'});
        this.inner = make('div', {class: 'inner'}, make('div', {class: 'axis-row'}, make('span', {}), this.axis), this.list);
        this.box = make('div', {class: 'gantt', tabindex: '0', role: 'region', 'aria-label': 'Timeline of the steps', onscroll: () => this.fill()}, this.inner);
        const tools = make('div', {class: 'chips tools'},
            button('+', 'Zoom in', () => this.zoomTo(this.zoom * 2)), button('−', 'Zoom out', () => this.zoomTo(this.zoom / 2)));
        if (this.record.steps.some((step) => step.children.length))
            tools.append(button('Unfold all', 'Unfold all groups', () => { this.folded.clear(); this.update(); }),
                button('Fold all', 'Fold all groups', () => {
                    this.record.steps.forEach((step) => { if (step.children.length) this.folded.add(step.index); });
                    this.update();
                }));
        const key = (name, text) => make('span', {}, make('i', {class: `key ${name}`}), text);
        tools.append(make('span', {class: 'legend'}, key('wait', 'ready, waiting to start'), key('pause', 'between attempts'), key('critical', 'critical path')));
        place.append(tools, this.box);
        window.addEventListener('resize', () => this.marks());
    }

    /* Makes the track wider or narrower. */
    zoomTo(zoom) {
        this.zoom = Math.min(64, Math.max(1, zoom));
        this.inner.style.setProperty('--zoom', this.zoom);
        this.marks();
    }

    /* Marks of time. */
    marks() {
        const width = this.axis.clientWidth || 800;
        const step = tick(this.us, Math.max(2, width / 110));
        this.inner.style.setProperty('--tick', `${(100 * step) / this.us}%`);
        this.axis.replaceChildren();
        for (let at = 0; at <= this.us && this.axis.childElementCount < 500; at += step) {
            const mark = make('span', {}, duration(at));
            mark.style.left = `${(100 * at) / this.us}%`;
            if (at / this.us > 1 - 62 / width) mark.className = 'last';
            this.axis.append(mark);
        }
    }

    /* Finds the rows that are not folded away, and shows the first of them. */
    update() {
        const hidden = new Set();
        this.rows = this.record.steps.filter((step) => {
            if (step.parent >= 0 && (hidden.has(step.parent) || this.folded.has(step.parent))) {
                hidden.add(step.index);
                return false;
            }
            return true;
        });
        this.marks();
        this.list.replaceChildren();
        this.shown = 0;
        this.grow(BARS);
        this.fill();
    }

    /* Adds rows while the end is in sight. */
    fill() {
        while (this.shown < this.rows.length && this.box.scrollTop + this.box.clientHeight > this.box.scrollHeight - 600) this.grow(BARS);
    }

    grow(by) {
        const rows = document.createDocumentFragment();
        for (const until = Math.min(this.rows.length, this.shown + by); this.shown < until; this.shown++) rows.append(this.row(this.rows[this.shown]));
        this.list.append(rows);
    }

    /* A piece of a track. */
    piece(name, from, to) {
        const bar = make('i', {class: name});
        bar.style.left = `${(100 * from) / this.us}%`;
        bar.style.width = `${(100 * Math.max(0, to - from)) / this.us}%`;
        return bar;
    }

    /* The bars of a step: the wait for its start, its attempts, the waits between. */
    track(step) {
        const track = make('span', {class: 'track'});
        if (step.started === null) return track;
        const end = step.ended === null ? this.us : step.ended;
        if (step.ready !== null && step.begun > step.ready) track.append(this.piece('wait', step.ready, step.begun));
        if (step.attempts.length < 2) {
            track.append(this.piece(`bar s-${step.status}`, step.attempts.length ? step.started : step.begun, end));
            return track;
        }
        let before = null;
        step.attempts.forEach(([number, started, ended, error], at) => {
            const last = at === step.attempts.length - 1;
            const until = ended === null ? end : ended;
            if (before !== null && started > before) track.append(this.piece('pause', before, started));
            const bar = this.piece(`bar s-${last ? step.status : error ? 'failed' : step.status}`, started, until);
            bar.title = `attempt ${number}: ${duration(until - started)}${error ? `, ${error}` : ''}`;
            track.append(bar);
            before = until;
        });
        return track;
    }

    /* What a row says to people who do not see it, and to a pointer. */
    sentence(step) {
        const parts = [words(step.status)];
        if (step.started !== null) parts.push(`started at ${duration(step.started)}`, `took ${duration(step.took)}`);
        if (step.attempts.length > 1) parts.push(`${step.attempts.length} attempts`);
        if (step.flags & IS_CRITICAL) parts.push('on the critical path');
        return parts.join(', ');
    }

    row(step) {
        const name = make('span', {class: 'label'});
        name.style.setProperty('--depth', Math.min(step.depth, 6));
        const folded = this.folded.has(step.index);
        if (step.children.length)
            name.append(make('button', {type: 'button', class: 'fold', 'aria-expanded': String(!folded), 'aria-label': `${folded ? 'Unfold' : 'Fold'} ${step.id}`,
                onclick: () => this.fold(step)}, folded ? '▸' : '▾'));
        name.append(sign(step.status), stepLink(step), make('span', {class: 'hidden'}, `: ${this.sentence(step)}`));
        if (folded) name.append(make('span', {class: 'quiet'}, grouped(step.children.length)));
        return make('li', {class: (step.flags & IS_CRITICAL ? 'critical ' : '') + (step.container ? 'container' : ''), title: `${step.id}: ${this.sentence(step)}`},
            name, this.track(step));
    }

    /* Folds or unfolds a group, and keeps the focus on its button. */
    fold(step) {
        const top = this.box.scrollTop;
        const shown = this.shown;
        if (!this.folded.delete(step.index)) this.folded.add(step.index);
        this.update();
        if (shown > this.shown) this.grow(shown - this.shown);
        this.box.scrollTop = top;
        const at = this.rows.indexOf(step);
        if (at < this.shown) this.list.children[at].querySelector('.fold').focus({preventScroll: true});
    }
}
