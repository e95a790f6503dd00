import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { IconChevronRight, IconCircleCheck } from '@tabler/icons-react';
import type { Task } from '../../../src/console/api.ts';
import { ownPath } from '../../kit/own-path.ts';
import { t } from '../../text/index.ts';
import classes from './overview.module.css';

export function TaskList({ tasks }: { tasks: Task[] }): React.ReactNode {
  if (tasks.length === 0)
    return (
      <Text className={classes.calm}>
        <IconCircleCheck size={20} stroke={1.7} aria-hidden /> {t.overview.noTasks}
      </Text>
    );
  return (
    <ol className={classes.taskList}>
      {tasks.map(({ id, text, href, urgency }, index) => (
        <li key={id}>
          <Link {...ownPath(href)} className={classes.task}>
            <span className={classes.taskNumber}>{index + 1}</span>
            <span className={classes.taskText}>{text}</span>
            <span className={classes.urgency} data-urgency={urgency}>
              {t.overview.urgency[urgency]}
            </span>
            <IconChevronRight size={16} aria-hidden />
          </Link>
        </li>
      ))}
    </ol>
  );
}
