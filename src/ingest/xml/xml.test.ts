import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { fuzzInputs, sharedPath, skipWithoutShared } from '../../../test/support/shared.ts';
import { XML_ATTRIBUTES_MAX, XML_ELEMENTS_MAX } from './fault.ts';
import { type XmlElement, XML_DEPTH_MAX, encodeEntities, isXmlFault, parseXml } from './xml.ts';

function parsed(text: string): XmlElement {
  const result = parseXml(text);
  assert.ok(!isXmlFault(result), JSON.stringify(result));
  return result;
}

function faultOf(text: string): string {
  const result = parseXml(text);
  assert.ok(isXmlFault(result), 'it parsed');
  return result.fault;
}

test('elements, attributes and text come as written, with prefixes apart', () => {
  const root = parsed(
    `<?xml version="1.0"?><!-- a --><e:Event xmlns:e='urn:x' a = "1&lt;2">t<b/><b x='"'>&#65;&#x42;</b>u</e:Event>\n`,
  );
  assert.deepEqual([root.name, root.prefix, root.text], ['Event', 'e', 'tu']);
  assert.deepEqual(root.attributes, { 'xmlns:e': 'urn:x', a: '1<2' });
  assert.deepEqual(
    root.children.map(({ name, prefix, text }) => [name, prefix, text]),
    [
      ['b', '', ''],
      ['b', '', 'AB'],
    ],
  );
});

test('CDATA is text whose markup does not count', () => {
  assert.equal(parsed('<a><![CDATA[<b>&amp;]]]]></a>').text, '<b>&amp;]]');
});

test('a byte order mark and white space around the root are passed over', () => {
  assert.equal(parsed('\ufeff \n<a/> ').name, 'a');
});

test('an attribute called __proto__ is an attribute', () => {
  const { attributes } = parsed('<a __proto__="x"/>');
  assert.deepEqual(Object.entries(attributes), [['__proto__', 'x']]);
  assert.equal(Object.getPrototypeOf(attributes), Object.prototype);
});

for (const [name, text, fault] of [
  ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'doctype'],
  ['an external entity', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 'doctype'],
  ['an entity bomb without its declaration', '<a>&lol9;</a>', 'entity'],
  ['an entity named like a property of every object', '<a>&constructor;</a>', 'entity'],
  ['a lone ampersand', '<a>b & c</a>', 'entity'],
  ['a surrogate as number', '<a>&#xD800;</a>', 'entity'],
  ['a number beyond Unicode', '<a>&#x110000;</a>', 'entity'],
  ['the null character', '<a>&#0;</a>', 'entity'],
  ['two roots', '<a/><b/>', 'outside'],
  ['text behind the root', '<a/>b', 'outside'],
  ['nothing', '', 'outside'],
  ['a comment alone', '<!-- a -->', 'outside'],
  ['an end tag of another element', '<a><b></a></b>', 'mismatch'],
  ['an end tag whose name is longer', '<a></ab>', 'mismatch'],
  ['an end tag too many', '</a>', 'outside'],
  ['an element without end', '<a><b></b>', 'truncated'],
  ['a tag without end', '<a b="c"', 'truncated'],
  ['a quote without end', '<a b="c></a>', 'truncated'],
  ['a comment without end', '<a><!-- </a>', 'truncated'],
  ['CDATA without end', '<a><![CDATA[ </a>', 'truncated'],
  ['the same attribute twice', '<a b="1" b="2"/>', 'syntax'],
  ['an attribute without quotes', '<a b=1/>', 'syntax'],
  ['an attribute without value', '<a b/>', 'syntax'],
  ['attributes without space between', '<a b="1"c="2"/>', 'syntax'],
  ['an element declaration', '<a><!ELEMENT b ANY></a>', 'syntax'],
  ['a tag without name', '<a>< b/></a>', 'syntax'],
  ['a name that begins with a digit', '<1a/>', 'syntax'],
] as const)
  test(`refused: ${name}`, () => assert.equal(faultOf(text), fault));

function nested(depth: number): string {
  return '<a>'.repeat(depth) + '</a>'.repeat(depth);
}

function withAttributes(count: number): string {
  return `<a ${Array.from({ length: count }, (_, index) => `a${index}=""`).join(' ')}/>`;
}

test('depth, elements and attributes have their limits, met exactly', () => {
  parsed(nested(XML_DEPTH_MAX));
  assert.equal(faultOf(nested(XML_DEPTH_MAX + 1)), 'limit');
  assert.equal(faultOf('<a>'.repeat(1_000_000)), 'limit');
  parsed(withAttributes(XML_ATTRIBUTES_MAX));
  assert.equal(faultOf(withAttributes(XML_ATTRIBUTES_MAX + 1)), 'limit');
  parsed(`<a>${'<b/>'.repeat(XML_ELEMENTS_MAX - 1)}</a>`);
  assert.equal(faultOf(`<a>${'<b/>'.repeat(XML_ELEMENTS_MAX)}</a>`), 'limit');
  assert.equal(faultOf(`<${'a'.repeat(2000)}/>`), 'limit');
});

const nameArbitrary = fc.stringMatching(/^[A-Za-z_][\w.-]{0,8}$/);
const textArbitrary = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\0', ''));

interface Plain {
  name: string;
  attributes: Record<string, string>;
  text: string;
  children: Plain[];
}

function treeArbitrary(depth: number): fc.Arbitrary<Plain> {
  return fc.record(
    {
      name: nameArbitrary,
      attributes: fc.dictionary(nameArbitrary, textArbitrary, { maxKeys: 4, noNullPrototype: true }),
      text: textArbitrary,
      children: depth === 0 ? fc.constant([]) : fc.array(treeArbitrary(depth - 1), { maxLength: 3 }),
    },
    { noNullPrototype: true },
  );
}

function written({ name, attributes, text, children }: Plain): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${encodeEntities(value)}"`);
  return `<${name}${pairs.join('')}>${encodeEntities(text)}${children.map(written).join('')}</${name}>`;
}

function plain({ name, attributes, text, children }: XmlElement): Plain {
  return { name, attributes: { ...attributes }, text, children: children.map(plain) };
}

test('what was written comes back, whatever the characters', () => {
  fc.assert(fc.property(treeArbitrary(4), (element) => assert.deepEqual(plain(parsed(written(element))), element)));
});

test('every prefix of a document is refused, none throws', () => {
  const text = `<?xml version="1.0"?><a b="c&amp;d"><!-- e --><f>g</f><![CDATA[h]]><i/></a>`;
  for (let length = 0; length < text.length; length += 1) assert.ok(isXmlFault(parseXml(text.slice(0, length))));
});

const PIECES = [
  '<',
  '>',
  '/',
  '&',
  ';',
  '"',
  "'",
  '=',
  '!',
  '?',
  '-',
  '[',
  ']',
  'a',
  ' ',
  '<a>',
  '</a>',
  '<!--',
  '-->',
  '&amp;',
  '<![CDATA[',
  ']]>',
  '<a b="c">',
  '\0',
  '😀',
  '\ud800',
];

test('made-up markup never throws', () => {
  const random = fc.sample(fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }), fuzzInputs());
  for (const pieces of random) assert.equal(typeof parseXml(pieces.join('')), 'object');
});

test('mutated Windows events never throw', skipWithoutShared, () => {
  const text = readFileSync(sharedPath('formats/windows-other/crowdsec-windows-bf-windows-bf.log'), 'utf8');
  const event = text.slice(0, text.indexOf('</Event>') + 8);
  parsed(event);
  const edits = fc.tuple(fc.nat(event.length), fc.nat(10), fc.constantFrom(...PIECES));
  for (const [at, cut, piece] of fc.sample(edits, fuzzInputs()))
    assert.equal(typeof parseXml(event.slice(0, at) + piece + event.slice(at + cut)), 'object');
});
