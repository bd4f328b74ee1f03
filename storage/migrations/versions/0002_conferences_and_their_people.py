"""Conferences, their people, and how posts change hands."""

from alembic import op
import sqlalchemy as sa


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('conferences',
    sa.Column('slug', sa.String(length=48), nullable=False),
    sa.Column('level', sa.String(length=24), nullable=False),
    sa.Column('parent', sa.String(length=48), nullable=True),
    sa.Column('name_zh', sa.String(length=160), nullable=False),
    sa.Column('name_en', sa.String(length=200), nullable=False),
    sa.Column('region_code', sa.String(length=16), nullable=True),
    sa.Column('lacks', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('slug', name=op.f('pk_conferences'))
    )
    op.create_table('places',
    sa.Column('code', sa.String(length=16), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('level', sa.String(length=16), nullable=False),
    sa.Column('parent', sa.String(length=16), nullable=False),
    sa.Column('initials', sa.String(length=48), nullable=False),
    sa.Column('ends_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_places'))
    )
    with op.batch_alter_table('places', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_places_parent'), ['parent'], unique=False)

    op.create_table('roster_checks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('conference', sa.String(length=48), nullable=False),
    sa.Column('quarter', sa.String(length=8), nullable=False),
    sa.Column('unit', sa.String(length=48), nullable=False),
    sa.Column('asked_at', sa.BigInteger(), nullable=False),
    sa.Column('answered_at', sa.BigInteger(), nullable=True),
    sa.Column('answered_by', sa.BigInteger(), nullable=True),
    sa.Column('answer', sa.String(length=16), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_checks')),
    sa.UniqueConstraint('conference', 'quarter', 'unit', name=op.f('uq_roster_checks_conference_quarter_unit'))
    )
    op.create_table('approvals',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('conference', sa.String(length=48), nullable=False),
    sa.Column('action', sa.String(length=48), nullable=False),
    sa.Column('subject', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=24), nullable=False),
    sa.Column('reason_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('asked_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('asked_post', sa.BigInteger(), nullable=False),
    sa.Column('asked_at', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.Column('decided_by', sa.BigInteger(), nullable=True),
    sa.Column('decided_post', sa.BigInteger(), nullable=True),
    sa.Column('decided_at', sa.BigInteger(), nullable=True),
    sa.Column('used_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['asked_by'], ['persons.id'], name=op.f('fk_approvals_asked_by_persons')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_approvals'))
    )
    with op.batch_alter_table('approvals', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_approvals_conference_state'), ['conference', 'state'], unique=False)

    op.create_table('handovers',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('conference', sa.String(length=48), nullable=False),
    sa.Column('post_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mode', sa.String(length=16), nullable=False),
    sa.Column('state', sa.String(length=24), nullable=False),
    sa.Column('outgoing', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('incoming', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('started_by', sa.BigInteger(), nullable=True),
    sa.Column('started_post', sa.BigInteger(), nullable=True),
    sa.Column('started_at', sa.BigInteger(), nullable=False),
    sa.Column('inventory', sa.JSON(), nullable=False),
    sa.Column('outgoing_at', sa.BigInteger(), nullable=True),
    sa.Column('incoming_at', sa.BigInteger(), nullable=True),
    sa.Column('office_at', sa.BigInteger(), nullable=True),
    sa.Column('office_by', sa.BigInteger(), nullable=True),
    sa.Column('done_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['incoming'], ['persons.id'], name=op.f('fk_handovers_incoming_persons')),
    sa.ForeignKeyConstraint(['outgoing'], ['persons.id'], name=op.f('fk_handovers_outgoing_persons')),
    sa.ForeignKeyConstraint(['post_id'], ['posts.id'], name=op.f('fk_handovers_post_id_posts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handovers'))
    )
    with op.batch_alter_table('handovers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_handovers_conference_state'), ['conference', 'state'], unique=False)
        batch_op.create_index('uq_handovers_open', ['post_id'], unique=True, sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))

    op.create_table('profile_versions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('conference', sa.String(length=48), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('source', sa.LargeBinary(), nullable=False),
    sa.Column('loaded_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['conference'], ['conferences.slug'], name=op.f('fk_profile_versions_conference_conferences')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_profile_versions')),
    sa.UniqueConstraint('conference', 'version', name=op.f('uq_profile_versions_conference_version'))
    )
    op.create_table('shifts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('post_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('begins_at', sa.BigInteger(), nullable=False),
    sa.Column('ends_at', sa.BigInteger(), nullable=False),
    sa.Column('set_by', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['persons.id'], name=op.f('fk_shifts_person_id_persons')),
    sa.ForeignKeyConstraint(['post_id'], ['posts.id'], name=op.f('fk_shifts_post_id_posts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shifts'))
    )
    with op.batch_alter_table('shifts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_shifts_post_id_ends_at'), ['post_id', 'ends_at'], unique=False)

    op.create_table('units',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('conference', sa.String(length=48), nullable=False),
    sa.Column('slug', sa.String(length=48), nullable=False),
    sa.Column('begins_at', sa.BigInteger(), nullable=False),
    sa.Column('ends_at', sa.BigInteger(), nullable=True),
    sa.Column('merged_into', sa.String(length=48), nullable=True),
    sa.ForeignKeyConstraint(['conference'], ['conferences.slug'], name=op.f('fk_units_conference_conferences')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_units')),
    sa.UniqueConstraint('conference', 'slug', name=op.f('uq_units_conference_slug'))
    )
    op.create_table('invitations',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('conference', sa.String(length=48), nullable=False),
    sa.Column('post_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('handover_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('token_index', sa.LargeBinary(length=16), nullable=False),
    sa.Column('code_index', sa.LargeBinary(length=16), nullable=False),
    sa.Column('state', sa.String(length=24), nullable=False),
    sa.Column('issued_by', sa.BigInteger(), nullable=True),
    sa.Column('issued_post', sa.BigInteger(), nullable=True),
    sa.Column('issued_at', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('name_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('answered_at', sa.BigInteger(), nullable=True),
    sa.Column('decided_by', sa.BigInteger(), nullable=True),
    sa.Column('decided_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_invitations_account_id_accounts')),
    sa.ForeignKeyConstraint(['handover_id'], ['handovers.id'], name=op.f('fk_invitations_handover_id_handovers')),
    sa.ForeignKeyConstraint(['person_id'], ['persons.id'], name=op.f('fk_invitations_person_id_persons')),
    sa.ForeignKeyConstraint(['post_id'], ['posts.id'], name=op.f('fk_invitations_post_id_posts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitations')),
    sa.UniqueConstraint('code_index', name=op.f('uq_invitations_code_index')),
    sa.UniqueConstraint('token_index', name=op.f('uq_invitations_token_index'))
    )
    with op.batch_alter_table('invitations', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invitations_conference_state'), ['conference', 'state'], unique=False)

    op.create_table('unit_names',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name_zh', sa.String(length=120), nullable=False),
    sa.Column('name_en', sa.String(length=160), nullable=False),
    sa.Column('begins_at', sa.BigInteger(), nullable=False),
    sa.Column('ends_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_unit_names_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit_names'))
    )
    with op.batch_alter_table('unit_names', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_unit_names_unit_id'), ['unit_id'], unique=False)

    with op.batch_alter_table('accounts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('bot', sa.BigInteger(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('conference', sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column('hat_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('commands', sa.String(length=32), nullable=True))
        batch_op.drop_constraint(batch_op.f('uq_accounts_address_index'), type_='unique')
        batch_op.create_index(batch_op.f('ix_accounts_person_id'), ['person_id'], unique=False)
        batch_op.create_unique_constraint(batch_op.f('uq_accounts_bot_address_index'), ['bot', 'address_index'])
        batch_op.create_foreign_key(batch_op.f('fk_accounts_hat_id_posts'), 'posts', ['hat_id'], ['id'])

    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_person_id_at'), ['person_id', 'at'], unique=False)

    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.add_column(sa.Column('conference', sa.String(length=48), nullable=True))

    with op.batch_alter_table('persons', schema=None) as batch_op:
        batch_op.add_column(sa.Column('name_sealed', sa.LargeBinary(), nullable=True))

    with op.batch_alter_table('posts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('closed_at', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('vacant_since', sa.BigInteger(), nullable=True))
        batch_op.alter_column('title',
               existing_type=sa.VARCHAR(length=80),
               type_=sa.String(length=120),
               existing_nullable=False)

    with op.batch_alter_table('tenures', schema=None) as batch_op:
        batch_op.add_column(sa.Column('alone', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('why_ended', sa.String(length=24), nullable=True))
        batch_op.create_index('uq_tenures_alone', ['post_id'], unique=True, sqlite_where=sa.text('ends_at IS NULL AND alone'), postgresql_where=sa.text('ends_at IS NULL AND alone'))

    # Accounts of the one bot there was; those of which nothing is left in the inbox are taken over by the bot that starts first.
    op.execute("UPDATE accounts SET bot = COALESCE((SELECT bot FROM inbox ORDER BY id DESC LIMIT 1), 0)")
    with op.batch_alter_table('accounts', schema=None) as batch_op:
        batch_op.alter_column('bot', existing_type=sa.BigInteger(), existing_nullable=False, server_default=None)
    with op.batch_alter_table('tenures', schema=None) as batch_op:
        batch_op.alter_column('alone', existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
    with op.batch_alter_table('reports', schema=None) as batch_op:
        batch_op.drop_constraint('uq_reports_number', type_='unique')
        batch_op.create_unique_constraint('uq_reports_conference_number', ['conference', 'number'])


def downgrade() -> None:
    with op.batch_alter_table('reports', schema=None) as batch_op:
        batch_op.drop_constraint('uq_reports_conference_number', type_='unique')
        batch_op.create_unique_constraint('uq_reports_number', ['number'])

    with op.batch_alter_table('tenures', schema=None) as batch_op:
        batch_op.drop_index('uq_tenures_alone', sqlite_where=sa.text('ends_at IS NULL AND alone'), postgresql_where=sa.text('ends_at IS NULL AND alone'))
        batch_op.drop_column('why_ended')
        batch_op.drop_column('alone')

    with op.batch_alter_table('posts', schema=None) as batch_op:
        batch_op.alter_column('title',
               existing_type=sa.String(length=120),
               type_=sa.VARCHAR(length=80),
               existing_nullable=False)
        batch_op.drop_column('vacant_since')
        batch_op.drop_column('closed_at')

    with op.batch_alter_table('persons', schema=None) as batch_op:
        batch_op.drop_column('name_sealed')

    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.drop_column('conference')

    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_person_id_at'))

    with op.batch_alter_table('accounts', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_accounts_hat_id_posts'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_accounts_bot_address_index'), type_='unique')
        batch_op.drop_index(batch_op.f('ix_accounts_person_id'))
        batch_op.create_unique_constraint(batch_op.f('uq_accounts_address_index'), ['address_index'])
        batch_op.drop_column('commands')
        batch_op.drop_column('hat_id')
        batch_op.drop_column('conference')
        batch_op.drop_column('bot')

    with op.batch_alter_table('unit_names', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_unit_names_unit_id'))

    op.drop_table('unit_names')
    with op.batch_alter_table('invitations', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_invitations_conference_state'))

    op.drop_table('invitations')
    op.drop_table('units')
    with op.batch_alter_table('shifts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_shifts_post_id_ends_at'))

    op.drop_table('shifts')
    op.drop_table('profile_versions')
    with op.batch_alter_table('handovers', schema=None) as batch_op:
        batch_op.drop_index('uq_handovers_open', sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_handovers_conference_state'))

    op.drop_table('handovers')
    with op.batch_alter_table('approvals', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_approvals_conference_state'))

    op.drop_table('approvals')
    op.drop_table('roster_checks')
    with op.batch_alter_table('places', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_places_parent'))

    op.drop_table('places')
    op.drop_table('conferences')
