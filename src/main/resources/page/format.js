// Numbers and times as text: same width while they change, times in the reader's own zone.
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const two = (n) => String(n).padStart(2, '0');
const NONE = '–';

export const count = (n) => (n === null || n === undefined ? NONE : whole.format(n));

/** Per second: one decimal below 100. */
export function rate(perSecond) {
  if (perSecond === null || perSecond === undefined) {
    return NONE;
  }
  return perSecond < 99.95 ? perSecond.toFixed(1) : whole.format(perSecond);
}

/** A share of 0 to 1 in percent; never rounded up to 100. */
export function percent(share) {
  if (share === null || share === undefined) {
    return NONE;
  }
  const hundredths = Math.floor(share * 10000 + 1e-6) / 100;
  if (hundredths >= 100) {
    return '100 %';
  }
  return `${hundredths > 99 ? hundredths.toFixed(2) : (Math.floor(share * 1000 + 1e-6) / 10).toFixed(1)} %`;
}

/** A share in whole percent, for labels. */
export const roughly = (share) => `${share > 0 && share < 0.01 ? '< 1' : Math.round(share * 100)} %`;

export function dollars(amount) {
  if (amount === null || amount === undefined) {
    return NONE;
  }
  return amount > 0 && amount < 0.01 ? '< $0.01' : `$${amount >= 1000 ? whole.format(amount) : amount.toFixed(2)}`;
}

export function millis(ms) {
  if (ms === null || ms === undefined) {
    return NONE;
  }
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)} s`;
}

/** 14:03:07 */
export function clock(iso) {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? '' : `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** 14:03 */
export const clockMinutes = (iso) => clock(iso).slice(0, 5);

/** 2026-11-28 14:03:07 UTC+01:00 */
export function moment(iso) {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) {
    return '';
  }
  const zone = -time.getTimezoneOffset();
  const ahead = Math.abs(zone);
  const offset = zone === 0 ? 'UTC' : `UTC${zone < 0 ? '-' : '+'}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`;
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock(iso)} ${offset}`;
}

/** The time left until then, as 0:42 or 1:02:03. */
export function left(untilIso, now) {
  const seconds = Math.max(0, Math.ceil((Date.parse(untilIso) - now) / 1000));
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** 3 d 4 h, 4 h 12 min, 12 min, 40 s */
export function duration(seconds) {
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
