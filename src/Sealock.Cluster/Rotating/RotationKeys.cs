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
    private RotationKeys(string oldPem, string newPem, string? passphrase) =>
        (OldPem, NewPem, Old, New) = (oldPem, newPem, KeyPair.FromPem(oldPem, passphrase), KeyPair.FromPem(newPem, passphrase));

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
            return new(File.ReadAllText(PathOf(folder, subject, "old")), File.ReadAllText(PathOf(folder, subject, "new")), passphrase);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or PkiFormatException)
        {
            throw new RotationException($"a key of the rotation of {subject} cannot be read below {folder.RotationKeys}: {fault.Message}", fault);
        }
    }

    /// <summary>Stores the keys, durably; a leftover of a rotation that never began is replaced.</summary>
    public static void Write(SetFolder folder, string subject, string oldPem, string newPem)
    {
        AtomicFile.CreateFolder(folder.RotationKeys);
        DeleteLeftovers(folder, subject);
        AtomicFile.Write(PathOf(folder, subject, "old"), Encoding.ASCII.GetBytes(oldPem), AtomicFile.Secret);
        AtomicFile.Write(PathOf(folder, subject, "new"), Encoding.ASCII.GetBytes(newPem), AtomicFile.Secret);
    }

    /// <summary>Deletes the copies.</summary>
    public static void Delete(SetFolder folder, string subject)
    {
        if (!Directory.Exists(folder.RotationKeys))
            return;
        File.Delete(PathOf(folder, subject, "old"));
        File.Delete(PathOf(folder, subject, "new"));
        DeleteLeftovers(folder, subject);
        AtomicFile.SyncFolder(folder.RotationKeys);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Old.Dispose();
        New.Dispose();
    }

    /// <summary>A process that was killed while it wrote a key leaves a hidden file behind.</summary>
    private static void DeleteLeftovers(SetFolder folder, string subject)
    {
        foreach (var leftover in Directory.EnumerateFiles(folder.RotationKeys, $".{subject}-*"))
            File.Delete(leftover);
    }

    private static string PathOf(SetFolder folder, string subject, string which) => Path.Combine(folder.RotationKeys, $"{subject}-{which}.key");
}
