// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Storage.Sqlite;

/// <summary>Copies a database in use to a file of its own, as of one revision, without what has been deleted.</summary>
internal static class Backup
{
    /// <summary>Writes the copy; on return it is durable, checked and complete.</summary>
    /// <returns>The revision of the copy.</returns>
    /// <exception cref="SqliteFault">SQLite reports an error.</exception>
    /// <exception cref="IOException">The destination exists or cannot be written.</exception>
    public static long Write(string source, string destination, CancellationToken cancellationToken)
    {
        destination = Path.GetFullPath(destination);
        if (File.Exists(destination))
            throw new IOException($"{destination} exists: name a file that does not");
        var temporary = destination + ".incomplete";
        File.Delete(temporary);
        DurableFile.CreateEmpty(temporary);
        try
        {
            Copy(source, temporary, cancellationToken);
            var revision = Examine(temporary);
            DurableFile.Publish(temporary, destination);
            return revision;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static void Copy(string source, string temporary, CancellationToken cancellationToken)
    {
        using var database = Database.Open(source);
        using var interruption = cancellationToken.Register(database.Interrupt);
        using var vacuum = database.Prepare("VACUUM INTO ?1");
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            vacuum.Bind(1, temporary).Run();
        }
        catch (SqliteFault) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    private static long Examine(string temporary)
    {
        using var copy = Database.Open(temporary);
        Schema.CheckIntegrity(copy, temporary);
        return Schema.ReadRevision(copy);
    }
}
