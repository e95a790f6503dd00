/**
 * Tactics and techniques of MITRE ATT&CK (Enterprise): numbers, names and tactics, no text of theirs.
 * Since the version that parted Defense Evasion into Stealth and Defense Impairment, as the public rules' tags do.
 * © The MITRE Corporation; reproduced with the permission of The MITRE Corporation (attack.mitre.org, terms of use).
 */

/** In the order of an attack; `id` as rules' tags have it. */
export const TACTICS = [
  { id: 'reconnaissance', name: 'Reconnaissance', letter: 'R' },
  { id: 'resource-development', name: 'Resource Development', letter: 'D' },
  { id: 'initial-access', name: 'Initial Access', letter: 'I' },
  { id: 'execution', name: 'Execution', letter: 'E' },
  { id: 'persistence', name: 'Persistence', letter: 'P' },
  { id: 'privilege-escalation', name: 'Privilege Escalation', letter: 'V' },
  { id: 'stealth', name: 'Stealth', letter: 'F' },
  { id: 'defense-impairment', name: 'Defense Impairment', letter: 'N' },
  { id: 'credential-access', name: 'Credential Access', letter: 'C' },
  { id: 'discovery', name: 'Discovery', letter: 'S' },
  { id: 'lateral-movement', name: 'Lateral Movement', letter: 'L' },
  { id: 'collection', name: 'Collection', letter: 'O' },
  { id: 'command-and-control', name: 'Command and Control', letter: 'K' },
  { id: 'exfiltration', name: 'Exfiltration', letter: 'X' },
  { id: 'impact', name: 'Impact', letter: 'M' },
] as const;

export interface Technique {
  name: string;
  /** Ids of tactics. */
  tactics: readonly string[];
}

/** One technique a line: number, name, and the letters of its tactics. */
const LINES = `
T1001 Data Obfuscation|K
T1003 OS Credential Dumping|C
T1005 Data from Local System|O
T1006 Direct Volume Access|F
T1007 System Service Discovery|S
T1008 Fallback Channels|K
T1010 Application Window Discovery|S
T1011 Exfiltration Over Other Network Medium|X
T1012 Query Registry|S
T1014 Rootkit|F
T1016 System Network Configuration Discovery|S
T1018 Remote System Discovery|S
T1020 Automated Exfiltration|X
T1021 Remote Services|L
T1025 Data from Removable Media|O
T1027 Obfuscated Files or Information|F
T1029 Scheduled Transfer|X
T1030 Data Transfer Size Limits|X
T1033 System Owner/User Discovery|S
T1036 Masquerading|F
T1037 Boot or Logon Initialization Scripts|PV
T1039 Data from Network Shared Drive|O
T1040 Network Sniffing|CS
T1041 Exfiltration Over C2 Channel|X
T1046 Network Service Discovery|S
T1047 Windows Management Instrumentation|E
T1048 Exfiltration Over Alternative Protocol|X
T1049 System Network Connections Discovery|S
T1052 Exfiltration Over Physical Medium|X
T1053 Scheduled Task/Job|EPV
T1055 Process Injection|FV
T1056 Input Capture|OC
T1057 Process Discovery|S
T1059 Command and Scripting Interpreter|E
T1068 Exploitation for Privilege Escalation|V
T1069 Permission Groups Discovery|S
T1070 Indicator Removal|F
T1071 Application Layer Protocol|K
T1072 Software Deployment Tools|EL
T1074 Data Staged|O
T1078 Valid Accounts|IPVF
T1080 Taint Shared Content|L
T1082 System Information Discovery|S
T1083 File and Directory Discovery|S
T1087 Account Discovery|S
T1090 Proxy|K
T1091 Replication Through Removable Media|IL
T1092 Communication Through Removable Media|K
T1095 Non-Application Layer Protocol|K
T1098 Account Manipulation|PV
T1102 Web Service|K
T1104 Multi-Stage Channels|K
T1105 Ingress Tool Transfer|K
T1106 Native API|E
T1110 Brute Force|C
T1111 Multi-Factor Authentication Interception|C
T1112 Modify Registry|N
T1113 Screen Capture|O
T1114 Email Collection|O
T1115 Clipboard Data|O
T1119 Automated Collection|O
T1120 Peripheral Device Discovery|S
T1123 Audio Capture|O
T1124 System Time Discovery|S
T1125 Video Capture|O
T1127 Trusted Developer Utilities Proxy Execution|F
T1129 Shared Modules|E
T1132 Data Encoding|K
T1133 External Remote Services|IP
T1134 Access Token Manipulation|FV
T1135 Network Share Discovery|S
T1136 Create Account|P
T1137 Office Application Startup|P
T1140 Deobfuscate/Decode Files or Information|F
T1176 Browser Extensions|P
T1185 Browser Session Hijacking|O
T1187 Forced Authentication|C
T1189 Drive-by Compromise|I
T1190 Exploit Public-Facing Application|I
T1195 Supply Chain Compromise|I
T1197 BITS Jobs|FP
T1199 Trusted Relationship|I
T1200 Hardware Additions|I
T1201 Password Policy Discovery|S
T1202 Indirect Command Execution|F
T1203 Exploitation for Client Execution|E
T1204 User Execution|E
T1205 Traffic Signaling|FPK
T1207 Rogue Domain Controller|N
T1210 Exploitation of Remote Services|L
T1211 Exploitation for Defense Evasion|F
T1212 Exploitation for Credential Access|C
T1213 Data from Information Repositories|O
T1216 System Script Proxy Execution|F
T1217 Browser Information Discovery|S
T1218 System Binary Proxy Execution|F
T1219 Remote Access Software|K
T1220 XSL Script Processing|F
T1221 Template Injection|F
T1222 File and Directory Permissions Modification|N
T1480 Execution Guardrails|F
T1482 Domain Trust Discovery|S
T1484 Domain or Tenant Policy Modification|NV
T1485 Data Destruction|M
T1486 Data Encrypted for Impact|M
T1489 Service Stop|M
T1490 Inhibit System Recovery|M
T1491 Defacement|M
T1495 Firmware Corruption|M
T1496 Resource Hijacking|M
T1497 Virtualization/Sandbox Evasion|FS
T1498 Network Denial of Service|M
T1499 Endpoint Denial of Service|M
T1505 Server Software Component|P
T1518 Software Discovery|S
T1525 Implant Internal Image|P
T1526 Cloud Service Discovery|S
T1528 Steal Application Access Token|C
T1529 System Shutdown/Reboot|M
T1530 Data from Cloud Storage|O
T1531 Account Access Removal|M
T1534 Internal Spearphishing|L
T1535 Unused/Unsupported Cloud Regions|F
T1537 Transfer Data to Cloud Account|X
T1538 Cloud Service Dashboard|S
T1539 Steal Web Session Cookie|C
T1542 Pre-OS Boot|FP
T1543 Create or Modify System Process|PV
T1546 Event Triggered Execution|PV
T1547 Boot or Logon Autostart Execution|PV
T1548 Abuse Elevation Control Mechanism|FV
T1550 Use Alternate Authentication Material|FL
T1552 Unsecured Credentials|C
T1553 Subvert Trust Controls|N
T1554 Compromise Host Software Binary|P
T1555 Credentials from Password Stores|C
T1556 Modify Authentication Process|CNP
T1557 Adversary-in-the-Middle|CO
T1558 Steal or Forge Kerberos Tickets|C
T1559 Inter-Process Communication|E
T1560 Archive Collected Data|O
T1561 Disk Wipe|M
T1562 Impair Defenses|N
T1563 Remote Service Session Hijacking|L
T1564 Hide Artifacts|F
T1565 Data Manipulation|M
T1566 Phishing|I
T1567 Exfiltration Over Web Service|X
T1568 Dynamic Resolution|K
T1569 System Services|E
T1570 Lateral Tool Transfer|L
T1571 Non-Standard Port|K
T1572 Protocol Tunneling|K
T1573 Encrypted Channel|K
T1574 Hijack Execution Flow|FPV
T1578 Modify Cloud Compute Infrastructure|N
T1580 Cloud Infrastructure Discovery|S
T1583 Acquire Infrastructure|D
T1584 Compromise Infrastructure|D
T1585 Establish Accounts|D
T1586 Compromise Accounts|D
T1587 Develop Capabilities|D
T1588 Obtain Capabilities|D
T1589 Gather Victim Identity Information|R
T1590 Gather Victim Network Information|R
T1591 Gather Victim Org Information|R
T1592 Gather Victim Host Information|R
T1593 Search Open Websites/Domains|R
T1594 Search Victim-Owned Websites|R
T1595 Active Scanning|R
T1596 Search Open Technical Databases|R
T1597 Search Closed Sources|R
T1598 Phishing for Information|R
T1599 Network Boundary Bridging|N
T1600 Weaken Encryption|N
T1601 Modify System Image|N
T1602 Data from Configuration Repository|O
T1606 Forge Web Credentials|C
T1608 Stage Capabilities|D
T1609 Container Administration Command|E
T1610 Deploy Container|FE
T1611 Escape to Host|V
T1612 Build Image on Host|F
T1613 Container and Resource Discovery|S
T1614 System Location Discovery|S
T1615 Group Policy Discovery|S
T1619 Cloud Storage Object Discovery|S
T1620 Reflective Code Loading|F
T1621 Multi-Factor Authentication Request Generation|C
T1622 Debugger Evasion|FS
T1647 Plist File Modification|F
T1648 Serverless Execution|E
T1649 Steal or Forge Authentication Certificates|C
T1650 Acquire Access|D
T1651 Cloud Administration Command|E
T1652 Device Driver Discovery|S
T1653 Power Settings|P
T1654 Log Enumeration|S
T1656 Impersonation|F
T1657 Financial Theft|M
T1659 Content Injection|IK
T1665 Hide Infrastructure|K
T1666 Modify Cloud Resource Hierarchy|F
`;

/** Techniques by number, without sub-techniques. */
export const TECHNIQUES: Readonly<Record<string, Technique>> = Object.fromEntries(
  LINES.trim()
    .split('\n')
    .map((line) => {
      const [text = '', letters = ''] = line.split('|');
      const at = text.indexOf(' ');
      const tactics = TACTICS.filter(({ letter }) => letters.includes(letter)).map(({ id }) => id);
      return [text.slice(0, at), { name: text.slice(at + 1), tactics }];
    }),
);
