// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using Sealock.Pki.Files;

namespace Sealock.Cluster.Staging;

/// <summary>
/// Changes files below a root folder all together or not at all, each by rename(2), so that every reader sees an old or a
/// new file and folders keep their inodes (pods mount them). The order of an apply:
/// <list type="number">
/// <item>new files are written into the staging folder with their mode and owner, synced, read back and compared;</item>
/// <item>the old files are copied for a rollback;</item>
/// <item>the journal is written and synced: before that nothing has happened, after it everything will;</item>
/// <item>folders are made, files renamed into place or deleted, folders synced;</item>
/// <item>the journal is renamed to the record of the former set.</item>
/// </list>
/// Whoever opens the area next completes what the journal says, or undoes it where that cannot be done. One process at a
/// time: opening takes a lock that ends with the process. Not for use by several threads.
/// </summary>
public sealed class StagingArea : IDisposable
{
    private readonly StagingOptions _options;
    private readonly TargetTree _tree;
    private readonly StagingState _state;
    private readonly Stager _stager;
    private readonly Switcher _switcher;

    private StagingArea(TargetTree tree, StagingState state, StagingOptions options)
    {
        (_tree, _state, _options) = (tree, state, options);
        _stager = new Stager(tree, state, options);
        _switcher = new Switcher(tree, state, options);
    }

    /// <summary>What opening had to do first.</summary>
    public StagingRecovery Recovery { get; private set; }

    /// <summary>Whether there is a former set to roll back to.</summary>
    public bool HasFormer => _state.HasFormer;

    /// <summary>Opens the area of a root folder, which exists, and completes or undoes what was interrupted.</summary>
    /// <exception cref="StagingException">Another process uses it, or an interrupted change can neither be completed nor undone.</exception>
    /// <exception cref="IOException">The root cannot be opened, or the disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">The root is not writable.</exception>
    public static StagingArea Open(string root, StagingOptions? options = null)
    {
        options ??= new StagingOptions();
        if (StagingPath.Mistake(options.StateFolder) is { } mistake)
            throw new StagingException(mistake);
        var tree = new TargetTree(OpenFolder.Open(root));
        StagingState? state = null;
        try
        {
            state = StagingState.Open(tree, options.StateFolder, options.Limits);
            var area = new StagingArea(tree, state, options);
            area.Recover();
            return area;
        }
        catch
        {
            state?.Dispose();
            tree.Dispose();
            throw;
        }
    }

    /// <summary>What an apply would do to a root folder, which need not exist. Takes no lock and changes nothing.</summary>
    /// <exception cref="StagingException">The change set contradicts itself or exceeds a limit.</exception>
    /// <exception cref="UnauthorizedAccessException">Something below the root may not be read.</exception>
    public static IReadOnlyList<PlannedChange> Preview(string root, ChangeSet wanted, StagingOptions? options = null)
    {
        var limits = (options ?? new StagingOptions()).Limits;
        if (!Directory.Exists(root))
            return ChangePlan.Compare(wanted, _ => EntryState.Absent, _ => EntryState.Absent, limits);
        using var tree = new TargetTree(OpenFolder.Open(root));
        return ChangePlan.Compare(wanted, path => tree.Find(path, limits.FileBytes), tree.FindFolder, limits);
    }

    /// <summary>What an apply would do. Changes nothing.</summary>
    /// <exception cref="StagingException">The change set contradicts itself or exceeds a limit.</exception>
    public IReadOnlyList<PlannedChange> Compare(ChangeSet wanted) =>
        ChangePlan.Compare(wanted, path => _tree.Find(path, _options.Limits.FileBytes), _tree.FindFolder, _options.Limits);

    /// <summary>Makes the wanted state true: all of it, or (with an exception) nothing. Where it is true already, writes nothing.</summary>
    /// <exception cref="StagingException">Something is in the way, the disk is full, or permission is missing.</exception>
    public StagingOutcome Apply(ChangeSet wanted)
    {
        var plan = Compare(wanted);
        var outcome = new StagingOutcome(plan);
        RefuseBlocked(plan);
        if (!outcome.Changed)
            return outcome;

        var journal = Stage(wanted, plan);
        try
        {
            _switcher.Complete(journal);
        }
        catch (Exception fault) when (IsFault(fault))
        {
            Undo(journal, fault);
            throw new StagingException($"{fault.Message}; everything is as it was", fault);
        }

        Commit();
        return outcome;
    }

    /// <summary>
    /// Returns to the state before the last apply that changed something; what was then is now the former set.
    /// </summary>
    /// <param name="force">Also where files have been changed by others since.</param>
    /// <exception cref="StagingException">There is no former set, or files have been changed since.</exception>
    public StagingOutcome Rollback(bool force = false)
    {
        var former = _state.ReadFormer() ?? throw new StagingException($"there is no former set below {_tree.Root.Path}");
        var changed = former.Entries.Where(entry => !entry.IsFolder)
            .Where(entry => !entry.After.IsMetBy(_tree.Find(entry.Path, _options.Limits.FileBytes)))
            .Select(entry => entry.Path).ToList();
        if (changed.Count > 0 && !force)
        {
            throw new StagingException(
                $"changed by somebody else since: {string.Join(", ", changed.Take(5))}{(changed.Count > 5 ? ", …" : "")}; "
                + "force the rollback to overwrite them");
        }

        return Apply(Former(former));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _state.Dispose();
        _tree.Dispose();
    }

    private static bool IsFault(Exception fault) => fault is IOException or UnauthorizedAccessException or StagingException;

    internal static void RefuseBlocked(IReadOnlyList<PlannedChange> plan)
    {
        var blocked = plan.Where(change => change.Kind == ChangeKind.Blocked).Select(change => change.Path).ToList();
        if (blocked.Count > 0)
        {
            throw new StagingException(
                $"in the way: {string.Join(", ", blocked.Take(5))}{(blocked.Count > 5 ? ", …" : "")} "
                + "(a folder where a file is wanted, a file where a folder is, a device, or a far too long file): move it away");
        }
    }

    private void Recover()
    {
        if (_state.ReadJournal() is not { } journal)
        {
            Clean();
            return;
        }

        if (TryComplete(journal, out var fault))
        {
            Commit();
            Recovery = StagingRecovery.Completed;
        }
        else
        {
            Undo(journal, fault);
            Recovery = StagingRecovery.Undone;
        }
    }

    private bool TryComplete(StagingJournal journal, out Exception? fault)
    {
        fault = null;
        if (journal.Back)
            return false;
        try
        {
            if (!_switcher.CanComplete(journal))
                return false;
            _switcher.Complete(journal);
            return true;
        }
        catch (Exception caught) when (IsFault(caught))
        {
            fault = caught;
            return false;
        }
    }

    private StagingJournal Stage(ChangeSet wanted, IReadOnlyList<PlannedChange> plan)
    {
        try
        {
            var journal = _stager.Stage(RandomNumberGenerator.GetHexString(12, lowercase: true), wanted, plan);
            _options.Before?.Invoke(new StagingStep(StagingEffect.Journal, ""));
            _state.WriteJournal(journal);
            return journal;
        }
        catch (Exception fault) when (IsFault(fault))
        {
            _state.DeleteJournal();
            Clean();
            throw new StagingException($"{fault.Message}; nothing has been changed", fault);
        }
    }

    private void Undo(StagingJournal journal, Exception? cause)
    {
        try
        {
            _state.WriteJournal(journal with { Back = true });
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The disk may be full, and undoing needs no space: should it be interrupted, the next run finds files that
            // are neither staged nor in place, and goes on undoing.
        }

        try
        {
            _switcher.Undo(journal);
            _options.Before?.Invoke(new StagingStep(StagingEffect.Commit, ""));
            _stager.DeleteElsewhere(journal);
            _state.DeleteJournal();
        }
        catch (Exception fault) when (IsFault(fault))
        {
            throw new StagingException(
                $"{(cause is null ? "" : cause.Message + "; ")}and it could not be undone wholly: {fault.Message}; "
                + "remove the cause and run this again, which goes on from here", fault);
        }

        Clean();
    }

    private void Commit()
    {
        _options.Before?.Invoke(new StagingStep(StagingEffect.Commit, ""));
        try
        {
            _state.Commit();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StagingException($"all files are changed, but {fault.Message}; the next run closes the journal", fault);
        }

        Clean();
    }

    private void Clean()
    {
        _options.Before?.Invoke(new StagingStep(StagingEffect.Clean, ""));
        try
        {
            if (_state.ReadDraft() is { } draft)
                _stager.DeleteElsewhere(draft);
            _state.Clean();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Leftovers harm nobody, and the next run tries again.
        }
    }

    private ChangeSet Former(StagingJournal former)
    {
        using var kept = _state.OpenKept(former.Id);
        return new ChangeSet
        {
            Files = [.. former.Entries.Where(entry => !entry.IsFolder && entry.Before.Kind is not null).Select(entry => Former(entry, kept))],
            Deleted = [.. former.Entries.Where(entry => !entry.IsFolder && entry.Before.Kind is null).Select(entry => entry.Path)],
            Folders =
            [
                .. former.Entries.Where(entry => entry.IsFolder && entry.Before.Kind is not null)
                    .Select(entry => new WantedFolder { Path = entry.Path, Mode = entry.Before.Mode, Owner = entry.Before.Owner }),
            ],
            DeletedFolders = [.. former.Entries.Where(entry => entry.IsFolder && entry.Before.Kind is null).Select(entry => entry.Path).Reverse()],
        };
    }

    private WantedFile Former(JournalEntry entry, OpenFolder? kept)
    {
        var file = new WantedFile
        {
            Path = entry.Path,
            Content = default,
            Mode = entry.Before.Mode,
            Owner = entry.Before.Owner,
            LinkTarget = entry.Before.LinkTarget,
        };
        if (entry.Before.Kind == FileKind.Link)
            return file;
        if (kept is null || entry.KeptAs is null || kept.Look(entry.KeptAs) is null)
            throw new StagingException($"the former content of {entry.Path} is gone: there is nothing to roll back to");
        var content = kept.Read(entry.KeptAs, _options.Limits.FileBytes);
        return ChangePlan.Hash(content) == entry.Before.Sha256
            ? file with { Content = content }
            : throw new StagingException($"the former content of {entry.Path} has been changed: there is nothing to roll back to");
    }
}
