// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Hosting;

/// <summary>Reads PEM files of the user's and says which file is wrong, and how.</summary>
internal static class PemFiles
{
    /// <summary>Runs a read; what is malformed or unreadable becomes one line that names the file.</summary>
    /// <exception cref="CommandException">The file cannot be used.</exception>
    public static T Read<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is PkiFormatException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException($"{path}: {error.Message}");
        }
    }

    /// <summary>The leaf of a certificate file, if it and its key are there, parse and belong together.</summary>
    public static Certificate? TryReadPair(string certificateFile, string keyFile)
    {
        try
        {
            var leaf = Certificate.ListFromPem(File.ReadAllText(certificateFile))[0];
            using var key = KeyPair.FromPem(File.ReadAllText(keyFile));
            return leaf.Matches(key) ? leaf : null;
        }
        catch (Exception error) when (error is PkiFormatException or IOException)
        {
            return null;
        }
    }

    /// <summary>What is wrong with a certificate and its key; null: nothing.</summary>
    public static string? PairMistake(string certificateFile, string keyFile)
    {
        try
        {
            var leaf = Read(certificateFile, () => Certificate.ListFromPem(File.ReadAllText(certificateFile))[0]);
            using var key = Read(keyFile, () => KeyPair.FromPem(File.ReadAllText(keyFile)));
            return leaf.Matches(key)
                ? null
                : $"{keyFile} does not belong to {certificateFile}; give the key from which that certificate was made";
        }
        catch (CommandException error)
        {
            return error.Message;
        }
    }
}
