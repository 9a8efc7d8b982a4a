// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spark;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * A file in a store that Hadoop knows: a local folder, S3, HDFS. Immutable.
 *
 * @param key its path in its folder, as facts have it
 * @param uri where it is
 * @param bytes its size
 * @param number its place in the order of all files, from 1
 */
record LogObject(String key, String uri, long bytes, long number) implements Serializable {

  /**
   * All files of some folders, in the order of their paths' bytes: that of one machine, so that the
   * first delivery of a record is the same everywhere.
   */
  static List<LogObject> of(List<String> roots, Configuration hadoop) throws IOException {
    List<LogObject> all = new ArrayList<>();
    for (String root : roots) {
      List<LogObject> found = new ArrayList<>();
      Path folder = new Path(root);
      FileSystem files = folder.getFileSystem(hadoop);
      FileStatus status;
      try {
        status = files.getFileStatus(folder);
      } catch (FileNotFoundException missing) {
        throw new IllegalArgumentException("no such folder or file of logs: " + root, missing);
      }
      String start = status.getPath().toUri().getPath() + "/";
      RemoteIterator<LocatedFileStatus> list = files.listFiles(folder, true);
      while (list.hasNext()) {
        LocatedFileStatus file = list.next();
        String path = file.getPath().toUri().getPath();
        String key = path.startsWith(start) ? path.substring(start.length()) : root;
        found.add(new LogObject(key, file.getPath().toString(), file.getLen(), 0));
      }
      found.sort(
          Comparator.comparing(
              file -> file.key().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned));
      all.addAll(found);
    }
    return all;
  }

  LogObject numbered(long place) {
    return new LogObject(key, uri, bytes, place);
  }
}
