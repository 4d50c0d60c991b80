// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sealock.Pki;
using Sealock.Pki.Files;
using Sealock.Pki.Keys;

namespace Sealock.Acme.Keeping;

/// <summary>A folder for its owner alone, with small files that are replaced as a whole.</summary>
internal sealed class KeptFiles(string folder)
{
    /// <summary>The file that is locked by who is at work in the folder.</summary>
    public const string LockFile = ".lock";

    private const int LongestFile = 1 << 20;

    public string Folder => folder;

    public string this[string name] => Path.Combine(folder, name);

    /// <summary>The text of a file; null where there is none.</summary>
    public string? Read(string name)
    {
        if (!File.Exists(this[name]))
            return null;
        using var open = OpenFolder.Open(folder);
        return Encoding.UTF8.GetString(open.Read(name, LongestFile));
    }

    public T? Read<T>(string name, JsonTypeInfo<T> type)
        where T : class
    {
        if (Read(name) is not { } text)
            return null;
        try
        {
            return JsonSerializer.Deserialize(text, type);
        }
        catch (JsonException error)
        {
            throw new KeepingException($"{this[name]} is no JSON as it was written (line {error.LineNumber + 1}). Put it back as it was, or delete it.", error);
        }
    }

    /// <summary>A private key; null where there is none.</summary>
    public KeyPair? ReadKey(string name)
    {
        if (Read(name) is not { } pem)
            return null;
        try
        {
            return KeyPair.FromPem(pem);
        }
        catch (PkiFormatException error)
        {
            throw new KeepingException($"{this[name]}: {error.Message}. Put the key back as it was, or delete the file.", error);
        }
    }

    public void Write(string name, string text, UnixFileMode mode)
    {
        AtomicFile.CreateFolder(folder);
        AtomicFile.Write(this[name], Encoding.UTF8.GetBytes(text), mode);
    }

    public void Write<T>(string name, T value, JsonTypeInfo<T> type) => Write(name, JsonSerializer.Serialize(value, type) + "\n", AtomicFile.Secret);

    public void WriteKey(string name, KeyPair key) => Write(name, key.ToPkcs8Pem(), AtomicFile.Secret);

    /// <summary>Makes one file take the place of another.</summary>
    public void Rename(string from, string to)
    {
        using var open = OpenFolder.Open(folder);
        open.Rename(from, open, to);
        open.Sync();
    }

    /// <summary>The right to be alone at work in the folder; null while another process has it.</summary>
    /// <exception cref="KeepingException">The folder cannot be made, or not be written.</exception>
    public IDisposable? TryLock()
    {
        try
        {
            AtomicFile.CreateFolder(folder);
            using var open = OpenFolder.Open(folder);
            return open.TryLock(LockFile);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new KeepingException($"{folder} cannot be made or written: give it to this user, or name another folder with --dir", fault);
        }
    }

    public void Delete(string name)
    {
        if (!Directory.Exists(folder))
            return;
        using var open = OpenFolder.Open(folder);
        open.Delete(name);
    }
}
