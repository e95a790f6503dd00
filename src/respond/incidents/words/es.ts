import type { Level } from '#detect/sigma';
import { either, listed } from './names.ts';
import type { Facts, IncidentWords } from './words.ts';

const LEVELS: Readonly<Record<Level, string>> = {
  informational: 'informativo',
  low: 'bajo',
  medium: 'medio',
  high: 'alto',
  critical: 'crítico',
};
/** Of a severity, which is feminine. */
const SEVERITIES: Readonly<Record<Level, string>> = {
  informational: 'informativa',
  low: 'baja',
  medium: 'media',
  high: 'alta',
  critical: 'crítica',
};
const STATES: Readonly<Record<string, string>> = {
  new: 'nuevo',
  open: 'abierto',
  contained: 'contenido',
  closed: 'cerrado',
};
const VERDICTS: Readonly<Record<string, string>> = {
  'true-positive': 'real',
  'false-positive': 'falsa alarma',
  benign: 'real pero inofensivo',
};

const names = (all: readonly string[]): string => listed(all, 'y', (left) => `${left} más`);

const who = ({ user }: Facts, otherwise: string): string => (user === null ? otherwise : `la cuenta ${user}`);
/** Who did it where that is known: `la cuenta x leyó`, else `se leyó`. */
const did = (facts: Facts, verb: string, impersonal: string): string =>
  facts.user === null ? impersonal : `${who(facts, '')} ${verb}`;
const where = ({ device, address }: Facts): string => device ?? address ?? 'un equipo';
const actor = ({ device, address }: Facts): string =>
  device ?? (address === null ? 'un dispositivo' : `el dispositivo ${address}`);
const from = ({ from: origin }: Facts): string => {
  if (origin === null) return '';
  return origin.isOutside ? ` desde internet (${origin.address})` : ` desde ${origin.name}`;
};
const factor = ({ isPasswordAlone }: Facts): string => (isPasswordAlone ? ' solo con la contraseña' : '');
const records = (patients: number): string =>
  patients > 1 ? `las historias clínicas de ${patients} pacientes` : 'la historia clínica de un paciente';

/** Incidents told in Spanish. Rules keep their own titles. */
export const es: IncidentWords = {
  locale: 'es',
  happenings: {
    ransomNote: (f) => `se dejó una nota de rescate en ${where(f)}`,
    manyFilesChanged: (f) => `un programa cambió ${f.count ?? 'muchos'} archivos en ${where(f)}, como hace un cifrado`,
    encrypted: (f) => `se cifraron muchos archivos en ${where(f)}`,
    shadowCopies: (f) => `se borraron las instantáneas de volumen de ${where(f)}`,
    automaticRepair: (f) => `se desactivó la reparación automática de ${where(f)}`,
    windowsBackups: (f) => `se borraron las copias de seguridad de Windows de ${where(f)}`,
    backups: (f) => `se destruyeron copias de seguridad o puntos de restauración de ${where(f)}`,
    protectionOff: (f) => `se desactivó la protección antivirus o el registro de actividad en ${where(f)}`,
    passwordStore: (f) => `${did(f, 'leyó', 'se leyó')} el almacén de contraseñas de ${where(f)}`,
    storedPasswords: (f) => `${did(f, 'leyó', 'se leyeron')} contraseñas guardadas en ${where(f)}`,
    promptFlood: (f) =>
      `${who(f, 'una cuenta')} recibió avisos de inicio de sesión sin cesar hasta que se aprobó uno${from(f)}`,
    passwordsTried: (f) => `se probaron contraseñas de muchas cuentas${from(f)}`,
    remoteControl: (f) =>
      `${did(f, 'inició', 'se inició')} un programa de control remoto${f.program === null ? '' : ` (${f.program})`} en ${where(f)}`,
    document: (f) =>
      `un documento${f.user === null ? '' : ` que ${who(f, '')} abrió`} en ${where(f)} inició un programa oculto`,
    fileSharing: (f) =>
      `${actor(f)} probó los archivos compartidos de ${f.count === null ? 'muchos otros' : `otros ${f.count}`} equipos`,
    scan: (f) => `${actor(f)} intentó llegar a otros ${f.count === null ? '' : `${f.count} `}dispositivos`,
    recordsOpened: (f) => `${who(f, 'alguien')} abrió ${records(f.patients)}${from(f)}`,
    newAccount: (f) => `${did(f, 'creó', 'se creó')} una cuenta nueva en ${where(f)}`,
    moreRights: (f) => `${did(f, 'dio', 'se dieron')} más permisos a una cuenta en ${where(f)}`,
    servicesStopped: (f) => `se detuvieron servicios importantes en ${where(f)}`,
    tracesWiped: (f) => `se borraron rastros en ${where(f)}`,
    signIn: (f) => `${who(f, 'alguien')} inició sesión${from(f)}${factor(f)}`,
    unusualSignIn: (f) => `${who(f, 'alguien')} inició sesión de un modo inusual${from(f)}${factor(f)}`,
    command: (f) => `${did(f, 'ejecutó', 'se ejecutó')} una orden sospechosa en ${where(f)}`,
  },
  manyOpened: (people, patients) => `${people} personas abrieron ${records(patients)}`,
  ruleMatched: (title, place) => `la regla «${title}» encontró lo que busca${place === null ? '' : ` en ${place}`}`,
  at: (day, clock, sentence) => `${day === null ? 'A las' : `El ${day} a las`} ${clock}, ${sentence}`,
  again: (times, until) => ` (${times} veces${until === null ? '' : `, hasta las ${until}`})`,
  moreSteps: (count) =>
    count === 1 ? 'Hay un paso más en la cronología.' : `Hay ${count} pasos más en la cronología.`,
  actions: {
    isolate: ({ devices, addresses }) => ({
      text: `Desconecte el cable de red de ${either(names(devices), names(addresses), 'los equipos afectados')} (o apague allí el wifi). No corte la corriente.`,
      why: 'Así se detiene enseguida la propagación, y lo que hay en memoria queda para la investigación. Si un dispositivo está conectado a un paciente, pregunte antes a enfermería: la atención va primero.',
    }),
    keepBackups: () => ({
      text: 'Desconecte de la red los discos y el servidor de copias de seguridad, y compruebe que haya una copia sin conexión.',
      why: 'Quien cifra ataca primero las copias; una sola copia buena decide si el hospital puede volver a trabajar.',
    }),
    endRemoteControl: ({ users, devices }) => ({
      text: `Cierre el programa de control remoto en ${either(names(devices), 'el equipo')}, desconecte su cable de red${users.length === 0 ? '' : ` y bloquee la cuenta ${names(users)}`}.`,
      why: 'Puede que alguien de fuera maneje este equipo. Después llame al proveedor o a la persona a un número que ya tuviera.',
    }),
    blockAccount: ({ users, outside }) => ({
      text: `Bloquee la cuenta ${either(names(users), 'que inició sesión')}, cierre sus sesiones y bloquee ${names(outside)} en el cortafuegos.`,
      why: 'Alguien la usa desde internet. Llame a la persona o al proveedor a un número que ya tuviera: ¿le robaron una contraseña o perdió un dispositivo?',
    }),
    endSession: ({ users, devices, addresses }) => ({
      text: `Cierre ahora la sesión de ${either(names(users), 'la cuenta')} y quite de la red ${either(names(devices), names(addresses), 'el equipo')}.`,
      why: 'Se leen historias más deprisa de lo que lee una persona: lo hace un programa, y lo que lee puede estar saliendo. Busque envíos grandes desde allí.',
    }),
    changePasswords: ({ users, devices }) => ({
      text: `Cambie las contraseñas y cierre todas las sesiones de ${either(names(users), devices.length === 0 ? 'las cuentas de este incidente' : `todos los que iniciaron sesión en ${names(devices)}`)}; primero las de administrador.`,
      why: 'Las contraseñas robadas sirven hasta que se cambian; las nuevas deben ponerse desde un equipo que no forme parte de esto.',
    }),
    privacyOfficer: ({ users, patients, isCrowd }) => ({
      text: `Llame al responsable de privacidad: ${patients > 1 ? `se abrieron historias de al menos ${patients} pacientes` : 'se abrió la historia de un paciente'}${users.length === 0 ? '' : ` (${names(users)})`}. ${isCrowd ? 'No hable usted con el personal.' : 'No se enfrente a la persona.'}`,
      why: isCrowd
        ? 'Solo esa persona puede juzgar quién tenía un motivo asistencial; los turnos y las unidades dicen casi todo.'
        : 'Solo esa persona puede juzgar si había un motivo asistencial; y la cuenta puede haber sido robada.',
    }),
    findDevice: ({ devices, addresses }) => ({
      text: `Busque el dispositivo ${either(names(devices), names(addresses), 'que está tras la dirección')} y quítelo de la red, salvo que esté conectado a un paciente.`,
      why: 'Busca a qué podría llegar después.',
    }),
    keepDocument: ({ devices, users }) => ({
      text: `Quite de la red ${either(names(devices), 'el equipo')}, llame a ${either(names(users), 'quien lo usa')} y guarde el documento o mensaje que se abrió.`,
      why: 'Muestra cómo entraron y a quién más escribieron.',
    }),
    callForHelp: () => ({
      text: 'Llame a su contacto de respuesta a incidentes o a su aseguradora, y anote la hora de cada cosa que haga.',
      why: 'Las próximas horas son más fáciles con quien ya lo ha hecho, y la ley preguntará qué sabía usted y cuándo.',
    }),
    noteTheDay: () => ({
      text: 'Anote la fecha de hoy como el día en que se supo, y entregue la lista de pacientes al responsable de privacidad.',
      why: 'Puede que ya corran los plazos legales para avisar a pacientes y autoridades (HIPAA: 60 días; RGPD: 72 horas).',
    }),
    askAround: () => ({
      text: 'Abra la cronología, mire el evento más reciente y pregunte a la persona o al dueño del dispositivo si fue cosa suya.',
      why: 'La mayoría de los hallazgos sueltos tienen una razón corriente que alguien puede decir enseguida. Si es así, júzguelo falsa alarma.',
    }),
  },
  confidence: {
    agreeInTactics: (rules, tactics) => `Coinciden ${rules} reglas graves distintas y muestran ${tactics} tácticas.`,
    agree: (rules) => `Coinciden ${rules} reglas graves distintas.`,
    highestAlone: 'Se cumplió una regla del nivel más alto; ninguna otra coincide todavía.',
    pattern: (events) =>
      `Se cumplió una regla grave sobre un patrón de ${events} eventos; ninguna otra coincide todavía.`,
    alone: 'Hay un solo tipo de hallazgo; bien puede tener una razón corriente.',
  },
  severity: {
    setByHand: 'Se fijó a mano.',
    because: (reasons) => `Porque ${reasons.join(', y ')}.`,
    worst: (level, title) => `el hallazgo más grave es ${LEVELS[level]} (${title ?? 'ninguno'})`,
    chain: (tactics) => `sus ${tactics} tácticas forman una cadena`,
    vital: (name) => `la atención depende de ${name}`,
  },
  history: [
    [/^state: (.+)$/, (state = '') => `estado: ${STATES[state] ?? state}`],
    [/^verdict: (.+)$/, (verdict = '') => `juicio: ${VERDICTS[verdict] ?? verdict}`],
    [/^the verdict was taken back$/, () => 'se retiró el juicio'],
    [/^nobody is assigned any more$/, () => 'ya no está asignado a nadie'],
    [/^assigned to (.+)$/, (name = '') => `asignado a ${name}`],
    [/^severity set to (.+)$/, (level = '') => `gravedad fijada: ${SEVERITIES[level as Level] ?? level}`],
    [/^severity follows the findings again$/, () => 'la gravedad vuelve a seguir los hallazgos'],
    [/^the title was changed$/, () => 'se cambió el título'],
    [/^nothing was changed$/, () => 'no se cambió nada'],
    [
      /^judged a false positive; later ones like it are hidden for a time$/,
      () => 'juzgado falsa alarma; los parecidos se ocultan por un tiempo',
    ],
    [/^(INC-\d+) was merged into (?:it|this one)$/, (number = '') => `se unió a él ${number}`],
    [/^split from (INC-\d+)$/, (number = '') => `separado de ${number}`],
    [/^a finding was split off$/, () => 'se separó un hallazgo'],
    [/^(\d+) findings were split off$/, (count = '') => `se separaron ${count} hallazgos`],
  ],
};
