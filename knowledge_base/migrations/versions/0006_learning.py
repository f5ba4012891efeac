"""conversations are asked whether they were settled; messages are reviewed, datasets frozen, releases trained in a loop

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column('conversations', sa.Column('resolved', sa.Boolean(), nullable=True))
    op.create_table('review_items',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('turn_id', sa.Integer(), nullable=True),
    sa.Column('customer', sa.String(length=64), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=16), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('release', sa.String(length=64), nullable=False),
    sa.Column('intent', sa.String(length=100), nullable=True),
    sa.Column('entry', sa.String(length=100), nullable=True),
    sa.Column('route', sa.String(length=16), nullable=False),
    sa.Column('confidence', sa.Float(), nullable=False),
    sa.Column('out_of_scope', sa.Float(), nullable=False),
    sa.Column('signals', sa.JSON(), nullable=False),
    sa.Column('worth', sa.Float(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('wants_second', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['turn_id'], ['turns.id'], ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('key'),
    sa.UniqueConstraint('turn_id'),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_review_items_customer'), 'review_items', ['customer'], unique=False)
    op.create_index(op.f('ix_review_items_state'), 'review_items', ['state'], unique=False)
    op.create_table('reviews',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('reviewer', sa.String(length=64), nullable=False),
    sa.Column('decision', sa.String(length=16), nullable=False),
    sa.Column('intent', sa.String(length=100), nullable=True),
    sa.Column('entry', sa.String(length=100), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['review_items.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('item_id', 'reviewer'),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_reviews_item_id'), 'reviews', ['item_id'], unique=False)
    op.create_index(op.f('ix_reviews_reviewer'), 'reviews', ['reviewer'], unique=False)
    op.create_table('accepted_intents',
    sa.Column('id', sa.String(length=100), nullable=False),
    sa.Column('act', sa.String(length=40), nullable=False),
    sa.Column('route', sa.String(length=16), nullable=False),
    sa.Column('entry', sa.String(length=100), nullable=True),
    sa.Column('author', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('datasets',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('author', sa.String(length=64), nullable=False),
    sa.Column('base', sa.String(length=64), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('messages', sa.Integer(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('number')
    )
    op.create_table('dataset_messages',
    sa.Column('dataset', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('part', sa.String(length=16), nullable=False),
    sa.Column('origin', sa.String(length=16), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=16), nullable=False),
    sa.Column('intent', sa.String(length=100), nullable=False),
    sa.Column('entry', sa.String(length=100), nullable=True),
    sa.Column('customer', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['dataset'], ['datasets.number'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('dataset', 'place')
    )
    op.create_index('dataset_messages_by_customer', 'dataset_messages', ['customer'], unique=False)
    op.create_table('loop_runs',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('author', sa.String(length=64), nullable=False),
    sa.Column('step', sa.String(length=16), nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('champion', sa.String(length=64), nullable=False),
    sa.Column('challenger', sa.String(length=64), nullable=True),
    sa.Column('dataset', sa.Integer(), nullable=True),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sqlite_autoincrement=True
    )
    op.create_table('shadow_predictions',
    sa.Column('run', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('turn_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('intent', sa.String(length=100), nullable=True),
    sa.Column('route', sa.String(length=16), nullable=False),
    sa.Column('sent', sa.JSON(), nullable=False),
    sa.Column('agrees', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['run'], ['loop_runs.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['turn_id'], ['turns.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('run', 'turn_id')
    )
    op.create_index(op.f('ix_shadow_predictions_turn_id'), 'shadow_predictions', ['turn_id'], unique=False)


def downgrade() -> None:
    """Back to the one before."""
    for table in (
        'shadow_predictions', 'loop_runs', 'dataset_messages', 'datasets', 'accepted_intents', 'reviews', 'review_items'
    ):
        op.drop_table(table)
    with op.batch_alter_table('conversations') as batch_op:
        batch_op.drop_column('resolved')
