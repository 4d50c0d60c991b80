// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Pki.Files;

namespace Sealock.Cluster.Staging;

/// <summary>
/// The part of an apply before its journal: new files written and checked, old ones copied. Touches no target. Files for
/// another file system than the state folder's are staged in the innermost existing folder of their way, since
/// rename(2) does not cross file systems.
/// </summary>
internal sealed class Stager(TargetTree tree, StagingState state, StagingOptions options)
{
    /// <summary>From this many files on, one sync of the whole file system is quicker than one for each file.</summary>
    public const int ManyFiles = 16;

    /// <summary>Stages what a plan asks for, and gives the journal by which it can be switched to.</summary>
    public StagingJournal Stage(string id, ChangeSet wanted, IReadOnlyList<PlannedChange> plan)
    {
        var contents = wanted.Files.ToDictionary(file => file.Path, StringComparer.Ordinal);
        var changes = plan.Where(change => change.Kind != ChangeKind.Unchanged).ToList();
        using var stage = state.MakeStage();
        using var kept = state.MakeKept(id);
        var entries = Place(id, changes, stage.LookAtItself().Device);
        var journal = new StagingJournal { Id = id, Entries = entries };
        if (entries.Any(IsElsewhere))
            state.WriteDraft(journal);
        var many = entries.Count > ManyFiles;

        // 1. The new files.
        var elsewhere = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in entries.Where(entry => entry.StagedAs is not null))
        {
            using var other = IsElsewhere(entry) ? OpenStaged(entry) : null;
            Write(other ?? stage, entry, contents[entry.Path], sync: !many);
            if (other is not null && elsewhere.Add(entry.StagedIn ?? ""))
                other.Sync();
        }

        // 2. The old ones.
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].KeptAs is { } name)
                entries[i] = entries[i] with { Before = Keep(entries[i], kept, name, sync: !many) };
        }

        // 3. All of them durable, before the journal can be.
        options.Before?.Invoke(new StagingStep(StagingEffect.Sync, state.Path));
        if (many)
        {
            stage.SyncFileSystem();
            foreach (var path in elsewhere)
            {
                using var folder = tree.Open(path);
                folder?.SyncFileSystem();
            }
        }
        else
        {
            stage.Sync();
            kept.Sync();
            state.Sync();
        }

        return journal;
    }

    /// <summary>Deletes files that were staged outside the staging folder.</summary>
    public void DeleteElsewhere(StagingJournal journal)
    {
        foreach (var entry in journal.Entries.Where(IsElsewhere))
        {
            using var folder = tree.Open(entry.StagedIn ?? "");
            folder?.Delete(entry.StagedAs ?? "");
        }
    }

    private bool IsElsewhere(JournalEntry entry) => entry.StagedIn is { } folder && folder != state.StagePath;

    private OpenFolder OpenStaged(JournalEntry entry) =>
        tree.Open(entry.StagedIn ?? "") ?? throw new IOException($"{entry.StagedIn} is gone");

    private List<JournalEntry> Place(string id, List<PlannedChange> changes, ulong device)
    {
        var entries = new List<JournalEntry>(changes.Count);
        foreach (var change in changes)
        {
            var number = entries.Count.ToString(CultureInfo.InvariantCulture);
            var entry = new JournalEntry
            {
                Path = change.Path,
                IsFolder = change.IsFolder,
                Before = Restorable(change.Before),
                After = OwnedAsBefore(change),
            };
            if (!change.IsFolder)
            {
                var staged = change.After.Kind is null ? null : StagingPlace(change.Path, device);
                entry = entry with
                {
                    StagedIn = staged,
                    StagedAs = staged is null ? null : staged == state.StagePath ? number : $".sealock-{id}-{number}",
                    KeptAs = change.Before.Kind is null ? null : number,
                };
            }

            entries.Add(entry);
        }

        return entries;
    }

    private string StagingPlace(string path, ulong device)
    {
        var (folder, found) = tree.OpenInnermost(path);
        using (folder)
            return folder.LookAtItself().Device == device ? state.StagePath : found;
    }

    /// <summary>Only root can give a file back to whom it belonged.</summary>
    private static EntryState Restorable(EntryState before) =>
        FileOwner.MayBeChanged || before.Owner == FileOwner.Current ? before : before with { Owner = null };

    /// <summary>Where no owner is asked for, a replaced file keeps the one it had.</summary>
    private static EntryState OwnedAsBefore(PlannedChange change) =>
        change.After is { Kind: not null, Owner: null } && change.Before.Kind is not null
            ? change.After with { Owner = Restorable(change.Before).Owner }
            : change.After;

    private void Write(OpenFolder folder, JournalEntry entry, WantedFile wanted, bool sync)
    {
        var name = entry.StagedAs ?? throw new InvalidOperationException("nothing to stage");
        options.Before?.Invoke(new StagingStep(StagingEffect.Stage, entry.Path));
        var owner = entry.After.Owner == FileOwner.Current ? null : entry.After.Owner;
        if (entry.After.LinkTarget is { } target)
            folder.CreateLink(name, target, owner);
        else
            folder.Create(name, wanted.Content.Span, entry.After.Mode, owner, sync);
        options.Before?.Invoke(new StagingStep(StagingEffect.Check, entry.Path));
        if (!entry.After.IsMetBy(TargetTree.Find(folder, name, options.Limits.FileBytes)))
            throw new IOException($"{entry.Path} reads back from {folder.Path} as something else than was written");
    }

    private EntryState Keep(JournalEntry entry, OpenFolder kept, string name, bool sync)
    {
        options.Before?.Invoke(new StagingStep(StagingEffect.Keep, entry.Path));
        using var folder = tree.Open(StagingPath.Folder(entry.Path)) ?? throw new IOException($"the folder of {entry.Path} is gone");
        var owner = entry.Before.Owner == FileOwner.Current ? null : entry.Before.Owner;
        if (entry.Before.LinkTarget is { } target)
        {
            kept.CreateLink(name, target, owner);
            return entry.Before;
        }

        var content = folder.Read(StagingPath.Name(entry.Path), options.Limits.FileBytes);
        kept.Create(name, content, entry.Before.Mode, owner, sync);
        return entry.Before with { Sha256 = ChangePlan.Hash(content) };
    }
}
