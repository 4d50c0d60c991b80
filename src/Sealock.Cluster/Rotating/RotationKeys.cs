// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Cluster.Sets;
using Sealock.Pki;
using Sealock.Pki.Files;
using Sealock.Pki.Keys;
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Rotating;

/// <summary>The old and the new private key of a rotation, kept beside the authorities until it is over.</summary>
public sealed class RotationKeys : IDisposable
{
    private static readonly string[] Names = ["old", "new", "old-root", "new-root"];

    private RotationKeys(string oldPem, string newPem, string? passphrase) =>
        (OldPem, NewPem, Old, New) = (oldPem, newPem, KeyPair.FromPem(oldPem, passphrase), KeyPair.FromPem(newPem, passphrase));

    /// <summary>The roots' keys as they stand in files, where the root above the CA is replaced with it.</summary>
    public (string Old, string New)? RootPems { get; private init; }

    /// <summary>The old key as it stands in files.</summary>
    public string OldPem { get; }

    /// <summary>The new key as it stands in files.</summary>
    public string NewPem { get; }

    /// <summary>The old key.</summary>
    public KeyPair Old { get; }

    /// <summary>The new key.</summary>
    public KeyPair New { get; }

    /// <summary>The text of the key that signs in a phase.</summary>
    public string PemAt(RotationPhase phase) => PhaseRules.NewSigns(phase) ? NewPem : OldPem;

    /// <summary>The key that signs in a phase.</summary>
    public KeyPair At(RotationPhase phase) => PhaseRules.NewSigns(phase) ? New : Old;

    /// <summary>Reads the keys of a rotation.</summary>
    /// <exception cref="RotationException">A key is missing or cannot be read.</exception>
    public static RotationKeys Read(SetFolder folder, string subject, string? passphrase)
    {
        try
        {
            var (oldRoot, newRoot) = (PathOf(folder, subject, "old-root"), PathOf(folder, subject, "new-root"));
            return new(File.ReadAllText(PathOf(folder, subject, "old")), File.ReadAllText(PathOf(folder, subject, "new")), passphrase)
            {
                RootPems = File.Exists(newRoot) ? (File.ReadAllText(oldRoot), File.ReadAllText(newRoot)) : null,
            };
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or PkiFormatException)
        {
            throw new RotationException($"a key of the rotation of {subject} cannot be read below {folder.RotationKeys}: {fault.Message}", fault);
        }
    }

    /// <summary>Stores the keys, durably; leftovers of a rotation that never began are replaced.</summary>
    /// <param name="folder">The set.</param>
    /// <param name="subject">What is rotated.</param>
    /// <param name="keys">The old and the new one.</param>
    /// <param name="roots">Those of the roots, where these are replaced, too.</param>
    public static void Write(SetFolder folder, string subject, (string Old, string New) keys, (string Old, string New)? roots = null)
    {
        AtomicFile.CreateFolder(folder.RotationKeys);
        Delete(folder, subject);
        Write("old", keys.Old);
        Write("new", keys.New);
        if (roots is not { } pair)
            return;
        Write("old-root", pair.Old);
        Write("new-root", pair.New);

        void Write(string which, string pem) => AtomicFile.Write(PathOf(folder, subject, which), Encoding.ASCII.GetBytes(pem), AtomicFile.Secret);
    }

    /// <summary>Deletes the copies, and what a process left behind that was killed while it wrote them.</summary>
    public static void Delete(SetFolder folder, string subject)
    {
        if (!Directory.Exists(folder.RotationKeys))
            return;
        foreach (var name in Names)
            File.Delete(PathOf(folder, subject, name));
        foreach (var leftover in Directory.EnumerateFiles(folder.RotationKeys, $".{subject}-*"))
            File.Delete(leftover);
        AtomicFile.SyncFolder(folder.RotationKeys);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Old.Dispose();
        New.Dispose();
    }

    private static string PathOf(SetFolder folder, string subject, string which) => Path.Combine(folder.RotationKeys, $"{subject}-{which}.key");
}
