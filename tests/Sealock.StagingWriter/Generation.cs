// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Sealock.Cluster.Staging;
using Sealock.Pki.Files;

namespace Sealock.StagingWriter;

/// <summary>Sets of files that differ from one generation to the next in content, mode, and in which files there are.</summary>
public static class Generation
{
    private const int Paths = 24;

    /// <summary>The whole set of a generation: what is to be there, and what is not.</summary>
    public static ChangeSet Of(int number)
    {
        var (there, gone) = (new List<WantedFile>(), new List<string>());
        for (var i = 0; i < Paths; i++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"folder{i % 5}/{(i % 2 == 0 ? "inner/" : "")}file{i}");
            if ((i + number) % 7 == 0)
                gone.Add(path);
            else
                there.Add(new WantedFile { Path = path, Content = Content(number, i), Mode = Mode(number, i) });
        }

        return new ChangeSet { Files = there, Deleted = gone };
    }

    /// <summary>The generation of which everything below a root is, exactly; null where it is of several.</summary>
    public static int? Find(string root, int upTo)
    {
        for (var number = upTo; number >= 0; number--)
        {
            if (StagingArea.Preview(root, Of(number)).All(change => change.Kind == ChangeKind.Unchanged))
                return number;
        }

        return null;
    }

    // Every fourth file has the same content in two generations, so that it is not always replaced.
    private static byte[] Content(int number, int i) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{(i % 4 == 0 ? number / 2 : number)} {new string('x', i * 400)}"));

    private static UnixFileMode Mode(int number, int i) => (number + i) % 3 == 0 ? AtomicFile.Public : AtomicFile.Secret;
}
