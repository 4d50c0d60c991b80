// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Support;

/// <summary>A folder that is deleted in the end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("sealock-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A program that is just ending may still write here; the system's temporary folder is cleaned anyway.
        }
    }
}
