// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Hosting;

/// <summary>Reads PEM files of the user's and says which file is wrong, and how.</summary>
internal static class PemFiles
{
    /// <summary>Runs a read; what is malformed or unreadable becomes one line that names the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">The read.</param>
    /// <param name="exitCode">The exit code where it cannot be used: 2 where the user named it on this command line.</param>
    /// <exception cref="CommandException">The file cannot be used.</exception>
    public static T Read<T>(string path, Func<T> read, int exitCode = 1)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is PkiFormatException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException(Fault(path, error), exitCode);
        }
    }

    /// <summary>What is wrong with a file that could not be read, in one line that names it.</summary>
    public static string Fault(string path, Exception error) => error switch
    {
        FileNotFoundException or DirectoryNotFoundException => $"{path} does not exist",
        UnauthorizedAccessException or IOException when Directory.Exists(path) => $"{path} is a directory; give a file",
        UnauthorizedAccessException => $"{path} may not be read by this user",
        _ => $"{path}: {error.Message}",
    };

    /// <summary>The first certificate of a file, if there is one that can be read.</summary>
    public static Certificate? TryReadFirst(string file)
    {
        try
        {
            return Certificate.ListFromPem(File.ReadAllText(file))[0];
        }
        catch (Exception error) when (error is PkiFormatException or IOException or UnauthorizedAccessException)
        {
            return null;
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
