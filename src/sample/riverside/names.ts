/** Made-up names of staff: given name and surname are paired by the seed. */
export const GIVEN = [
  'Ada', 'Amir', 'Anika', 'Ben', 'Carla', 'Chidi', 'Dana', 'Daniel', 'Elif', 'Emma', 'Farid', 'Grace', 'Hana', 'Hugo', 'Ines',
  'Ivan', 'Jana', 'Jonas', 'Kai', 'Karim', 'Lena', 'Liam', 'Lucia', 'Maja', 'Marco', 'Mei', 'Milan', 'Nadia', 'Nora', 'Omar',
  'Pablo', 'Petra', 'Priya', 'Rosa', 'Samir', 'Sara', 'Sofia', 'Tariq', 'Tunde', 'Yara',
] as const; // prettier-ignore

export const SURNAMES = [
  'Adeyemi', 'Almeida', 'Baker', 'Bianchi', 'Brandt', 'Castillo', 'Chen', 'Costa', 'Dahl', 'Diallo', 'Eriksen', 'Fischer',
  'Flores', 'Gruber', 'Haddad', 'Hansen', 'Ibrahim', 'Jansen', 'Kaya', 'Keller', 'Khan', 'Kovac', 'Larsen', 'Lind', 'Lopez',
  'Marino', 'Mbeki', 'Meyer', 'Moreau', 'Nowak', 'Okafor', 'Olsen', 'Patel', 'Petrov', 'Quinn', 'Rossi', 'Santos', 'Schmid',
  'Shah', 'Silva', 'Tanaka', 'Torres', 'Vega', 'Weber', 'Yilmaz',
] as const; // prettier-ignore
