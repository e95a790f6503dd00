import type { ConsoleWords } from './words.ts';

const plain = (english: string, spanish: string): ConsoleWords['phrases'][number] => [english, () => spanish];

/** The overview in Spanish, and what the server says of its sources and of itself. */
export const es: ConsoleWords = {
  sentences: {
    grave: (incidents) =>
      incidents === 1 ? 'Un incidente le necesita ahora.' : `${incidents} incidentes le necesitan ahora.`,
    trouble: (text) => `El propio Wardkeep le necesita: ${text}`,
    unwatched: 'Aún no se vigila nada: conecte el primer sistema.',
    look: (incidents) =>
      incidents === 1 ? 'Hay un incidente que conviene ver hoy.' : `Hay ${incidents} incidentes que conviene ver hoy.`,
    quiet: (systems) =>
      systems === 1
        ? 'Ningún incidente le necesita, pero un sistema no se recibe como debería.'
        : `Ningún incidente le necesita, pero ${systems} sistemas no se reciben como deberían.`,
    safe: 'Nada le necesita ahora.',
  },
  tasks: {
    incident: (number, title) => `Mire ${number}: ${title}`,
    quietSystems: (systems) => `Mire ${systems} sistemas que están en silencio o con problemas`,
    nothingComes: 'ya no llega nada de él',
    firstSystem: 'Conecte el primer sistema: sin eventos no funciona lo demás',
    noSecondFactor: (administrators) =>
      administrators === 1
        ? 'Un administrador no tiene segundo factor'
        : `${administrators} administradores no tienen segundo factor`,
    notifications: 'Diga a quién avisar de los incidentes, por correo o webhook',
  },
  phrases: [
    [/^nothing has come for (\d+) minutes$/, (minutes = '') => `no ha llegado nada en ${minutes} minutos`],
    plain('nothing has come yet', 'aún no ha llegado nada'),
    plain('it announced itself; give it a name to confirm it', 'se anunció solo; póngale un nombre para confirmarlo'),
    [
      /^(\d+) records were lost before they could be read, in the last hour$/,
      (lost = '') => `en la última hora se perdieron ${lost} registros antes de poder leerlos`,
    ],
    [
      /^(\d+) of (\d+) records of the last hour could not be read; they are kept as they came$/,
      (bad = '', all = '') =>
        `no se pudieron leer ${bad} de los ${all} registros de la última hora; se guardan como llegaron`,
    ],
    [
      /^its clock is (\d+) s (behind|ahead of) ours$/,
      (seconds = '', way = '') =>
        `su reloj va ${seconds} s ${way === 'behind' ? 'atrasado' : 'adelantado'} respecto al nuestro`,
    ],
    [/^the ledger cannot write \((.+)\)$/, (why = '') => `el libro mayor no se puede escribir (${why})`],
    [/^less than (\d+ MiB) are free on the disk$/, (size = '') => `quedan menos de ${size} libres en el disco`],
    plain('Wardkeep is stopping', 'Wardkeep se está parando'),
    plain('it does not exist', 'no existe'),
    plain('it is neither a file nor a folder', 'no es ni un archivo ni una carpeta'),
    [/^its folder ([^;]+)$/, (why = '') => `su carpeta ${why}`],
    [/^a folder in it ([^;]+)$/, (why = '') => `una carpeta dentro ${why}`],
    [/^a file of it ([^;]+)$/, (why = '') => `un archivo suyo ${why}`],
    [
      /^(\d+) files of it wait until others have ended: too many are open$/,
      (files = '') => `${files} archivos suyos esperan a que acaben otros: hay demasiados abiertos`,
    ],
    [/^(\d+) files of it ([^;]+)$/, (files = '', why = '') => `${files} archivos suyos: el primero ${why}`],
    plain('does not exist', 'no existe'),
    plain(
      'may not be read by the user that Wardkeep runs as',
      'no se puede leer con el usuario con el que corre Wardkeep',
    ),
    [/^cannot be read \((.+)\)$/, (code = '') => `no se puede leer (${code})`],
    [
      /^it holds more than (\d+) (files|folders), and the rest is not read$/,
      (count = '', what = '') =>
        `contiene más de ${count} ${what === 'files' ? 'archivos' : 'carpetas'}; el resto no se lee`,
    ],
    [
      /^folders more than (\d+) deep in it are not read$/,
      (depth = '') => `no se leen las carpetas a más de ${depth} niveles`,
    ],
    [/^it ([^;]+)$/, (why = '') => `la ruta ${why}`],
    plain('reading its files failed and is tried again', 'la lectura de sus archivos falló y se vuelve a intentar'),
    [/^Events are not accepted at the moment: (.+)\.$/, (why = '') => `Ahora mismo no se aceptan eventos: ${why}.`],
    plain(
      'Senders that can wait keep their events. Mend the cause; intake opens by itself.',
      'Los emisores que pueden esperar guardan sus eventos. Arregle la causa; la entrada se abre sola.',
    ),
    plain(
      'What comes in is read with difficulty: the thread that reads it dies again and again.',
      'Lo que llega se lee con dificultad: el hilo que lo lee se cae una y otra vez.',
    ),
    plain(
      'What was acknowledged is safe. Look into the log for the source it dies of, and switch that one off.',
      'Lo ya confirmado está a salvo. Mire en el registro qué fuente lo hace caer y desconéctela.',
    ),
    [
      /^Only (.+) are free on the disk of the data directory\.$/,
      (size = '') => `Solo quedan ${size} libres en el disco del directorio de datos.`,
    ],
    plain(
      'Make room now: when it is full, no event is accepted any more.',
      'Haga sitio ya: cuando se llene, no se aceptará ningún evento más.',
    ),
    plain('Make room, or shorten the retention of telemetry.', 'Haga sitio o acorte la conservación de la telemetría.'),
    [
      /^The clock was set (forward|back) by (\d+) s since the start\.$/,
      (way = '', seconds = '') =>
        `El reloj se ${way === 'back' ? 'atrasó' : 'adelantó'} ${seconds} s desde el arranque.`,
    ],
    plain(
      'No retention is applied meanwhile. Keep the clock right with NTP, and restart Wardkeep once it is.',
      'Mientras tanto no se borra nada por plazo. Mantenga el reloj en hora con NTP y reinicie Wardkeep cuando lo esté.',
    ),
    [
      /^Searches are not to be relied on: the archive's thread dies again and again(.*)\.$/,
      (why = '') => `No se fíe de las búsquedas: el hilo del archivo se cae una y otra vez${why}.`,
    ],
    plain(
      'Events are taken and rules run all the same. Look into the log; then run: wardkeep rebuild archive',
      'Los eventos se reciben y las reglas corren igual. Mire en el registro; después ejecute: wardkeep rebuild archive',
    ),
    [
      /^Searches fail or lack the newest events: the archive is started anew(.*)\.$/,
      (why = '') => `Las búsquedas fallan o no tienen los últimos eventos: el archivo se está reiniciando${why}.`,
    ],
    plain(
      'It reads from the ledger what it had in memory; nothing is lost. If this stays, look into the log.',
      'Lee del libro mayor lo que tenía en memoria; no se pierde nada. Si no se pasa, mire en el registro.',
    ),
    [
      /^(?:One file|(\d+) files) of the archive cannot be read and are passed over\.$/,
      (files = '') =>
        files === ''
          ? 'Un archivo del almacén no se puede leer y se omite.'
          : `${files} archivos del almacén no se pueden leer y se omiten.`,
    ],
    plain(
      'Nothing is lost, the ledger has it all. Run: wardkeep rebuild archive',
      'No se pierde nada, todo está en el libro mayor. Ejecute: wardkeep rebuild archive',
    ),
    plain(
      'The archive is behind: searches do not show the newest events yet.',
      'El archivo va con retraso: las búsquedas aún no muestran los últimos eventos.',
    ),
    plain(
      'It catches up by itself. If it does not, the machine is too slow for this much traffic.',
      'Se pone al día solo. Si no, la máquina es demasiado lenta para tanto tráfico.',
    ),
    [/^The TLS certificate ends on (.+)\.$/, (day = '') => `El certificado TLS caduca el ${day}.`],
    plain(
      'Put a new one in its place and restart Wardkeep; its own certificate is renewed at a restart.',
      'Ponga uno nuevo en su lugar y reinicie Wardkeep; su propio certificado se renueva al reiniciar.',
    ),
  ],
};
