// SPDX-License-Identifier: Apache-2.0
// Sealock.StagingWriter ROOT FIRST
// Applies one generation of files after the other below ROOT until it is killed, now and then rolling back, and prints
// "begin N" and "done N" around each. The tests of staging kill it and look at what is left.
using System.Globalization;
using System.Text;
using Sealock.Cluster.Staging;
using Sealock.StagingWriter;

using var output = Console.OpenStandardOutput();
for (var number = int.Parse(args[1], CultureInfo.InvariantCulture); ; number++)
{
    Tell("begin", number);
    using (var area = StagingArea.Open(args[0]))
    {
        area.Apply(Generation.Of(number));
        if (number % 5 == 0)
        {
            area.Rollback();
            area.Rollback();
        }
    }

    Tell("done", number);
}

void Tell(string what, int number) =>
    output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{what} {number}\n")));
