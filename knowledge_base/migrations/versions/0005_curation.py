"""entries have tags, an owner, days of validity, and a history

Revision ID: 0005
Revises: 0004
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision: what is there is published, and its history begins here."""
    for column in (
        sa.Column('tags', sa.JSON(), nullable=False, server_default='[]'),
        sa.Column('owner', sa.String(length=100), nullable=False, server_default=''),
        sa.Column('valid_from', sa.Date(), nullable=True),
        sa.Column('valid_until', sa.Date(), nullable=True),
    ):
        op.add_column('entries', column)
    versions = op.create_table('entry_versions',
    sa.Column('entry_id', sa.String(length=100), nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('author', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('stale', sa.JSON(), nullable=False),
    sa.Column('document', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('entry_id', 'number')
    )
    heads = op.create_table('entry_heads',
    sa.Column('id', sa.String(length=100), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('served', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('author', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('category', sa.String(length=200), nullable=False),
    sa.Column('intent', sa.String(length=100), nullable=False),
    sa.Column('owner', sa.String(length=100), nullable=False),
    sa.Column('tags', sa.Text(), nullable=False),
    sa.Column('languages', sa.Text(), nullable=False),
    sa.Column('stale', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('entry_heads', schema=None) as batch_op:
        batch_op.create_index('entry_heads_by_time', ['at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_entry_heads_state'), ['state'], unique=False)
    _begin_histories(versions, heads)


def _begin_histories(versions: sa.Table, heads: sa.Table) -> None:
    connection = op.get_bind()
    entries = sa.table(
        'entries',
        sa.column('id', sa.String), sa.column('category', sa.String), sa.column('intent', sa.String), sa.column('version', sa.Integer),
        sa.column('updated_at', sa.DateTime(timezone=True)),
    )
    variants = sa.table('entry_variants', sa.column('entry_id'), sa.column('language'), sa.column('questions', sa.JSON), sa.column('answer'))
    texts: dict[str, dict[str, dict[str, Any]]] = {}
    for row in connection.execute(sa.select(variants)).all():
        texts.setdefault(row.entry_id, {})[row.language] = {'questions': row.questions, 'answer': row.answer}
    for row in connection.execute(sa.select(entries)).all():
        by_language = texts[row.id]
        document = {key: value for key, value in (('id', row.id), ('category', row.category), ('intent', row.intent)) if value} | by_language
        connection.execute(versions.insert().values(
            entry_id=row.id, number=row.version, state='published', author='program', at=row.updated_at, note='', stale=[], document=document
        ))
        first = by_language.get('en') or next(iter(by_language.values()))
        words = [row.id, row.category, row.intent or '', *(t for v in by_language.values() for t in (*v['questions'], v['answer']))]
        connection.execute(heads.insert().values(
            id=row.id, number=row.version, served=row.version, state='published', author='program', at=row.updated_at,
            title=first['questions'][0], category=row.category, intent=row.intent or '', owner='', tags='',
            languages=',' + ','.join(sorted(by_language)) + ',', stale='', words=' '.join(words).lower(),
        ))


def downgrade() -> None:
    """Back to the one before; histories, drafts and archived entries are lost."""
    op.drop_table('entry_heads')
    op.drop_table('entry_versions')
    for column in ('valid_until', 'valid_from', 'owner', 'tags'):
        op.drop_column('entries', column)
